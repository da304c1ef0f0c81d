// The package of the viewer as far as publishing needs it.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '../shared/temporary-folder.ts';

/** A viewer of a few bytes, laid out as the package is, so that suites need not build it. */
export function smallViewer(): string {
  const folder = join(temporaryFolder(), 'dcgan-viewer');
  mkdirSync(join(folder, 'dist', 'onnx'), { recursive: true });
  const files: Readonly<Record<string, string>> = {
    'package.json': '{ "name": "dcgan-viewer", "version": "0.0.1" }',
    LICENSE: 'MIT',
    'LICENSES.txt': 'MIT of others',
    'dist/element.js': 'import"./index.js";',
    'dist/index.js':
      'import("./chunk.js");new URL("./worker.js",u);new URL("./onnx/ort.wasm.min.mjs",u);new URL("./onnx/ort.jspi.min.mjs",u)',
    'dist/chunk.js': '1',
    'dist/worker.js': '2',
    'dist/train.js': '3',
    'dist/onnx/ort.wasm.min.mjs': '4',
    'dist/onnx/ort.jspi.min.mjs': '5',
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}
