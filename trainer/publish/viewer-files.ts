// The viewer's files for a published folder: found in a clone or in the installed package `dcgan-viewer`, and of them those that a page
// with one viewer may fetch.
import { readFile, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { UserError } from '../errors.ts';

/** A place of the viewer's package. */
export interface ViewerPackage {
  /** The folder of its scripts, with `element.js`. */
  readonly dist: string;
  /** Files of licences, whole paths. */
  readonly licences: readonly string[];
  /** Its version; null if it says none. */
  readonly version: string | null;
}

/** The entry that a page imports. */
export const viewerEntry = 'element.js';

/**
 * The viewer's package: at `given` (its folder or the `dist` in it), else in the folder `usual`, else where this program would import it
 * from. `remedy` is the command that makes or installs it. Throws UserError if it is nowhere.
 */
export async function findViewer(
  given: string | null,
  { usual, remedy }: { readonly usual: string; readonly remedy: string },
): Promise<ViewerPackage> {
  const candidates = given === null ? [usual, ...installed()] : [given, join(given, 'dist')];
  for (const dist of candidates) {
    if (await isFile(join(dist, viewerEntry))) return await describe(dist);
  }
  throw new UserError(
    given === null
      ? `the viewer's files are not there (${usual}); make them: ${remedy}`
      : `--viewer ${given}: has no ${viewerEntry}, expected the folder of the package dcgan-viewer, or its dist`,
  );
}

/** The `dist` of the package that is installed beside this program; none without one. */
function installed(): readonly string[] {
  try {
    return [dirname(createRequire(import.meta.url).resolve('dcgan-viewer/element'))];
  } catch {
    return [];
  }
}

async function describe(dist: string): Promise<ViewerPackage> {
  const root = dirname(dist);
  const licences = ['LICENSE', 'LICENSES.txt'].map((name) => join(root, name));
  const there = await Promise.all(licences.map(isFile));
  const text = await readFile(join(root, 'package.json'), 'utf8').catch(() => '{}');
  const { version } = JSON.parse(text) as { version?: unknown };
  return {
    dist,
    licences: licences.filter((_, i) => there[i]),
    version: typeof version === 'string' ? version : null,
  };
}

/** A name in quotes of a file beside the script that has it, or in a folder there. */
const quotedName = /["'`]\.\/([\w./-]+\.(?:js|mjs|wasm))["'`]/g;

/** ONNX Runtime's build without WebGPU; a page with `device="wasm"` fetches no other. */
const wasmBuild = /^onnx\/(ort\.wasm\.min\.mjs|ort-wasm-simd-threaded\.(mjs|wasm))$/;

/**
 * The files that the entry names, and the files that these name, relative to `dist`: scripts, the worker, and ONNX Runtime's builds, of
 * which `wasm` takes one. Throws UserError if one of them is missing.
 */
export async function neededFiles(dist: string, device: 'auto' | 'wasm'): Promise<readonly string[]> {
  const found = new Set([viewerEntry]);
  for (const file of found) {
    if (file.startsWith('onnx/')) continue;
    const text = await readFile(join(dist, file), 'utf8').catch(() => {
      throw new UserError(`${join(dist, file)}: is missing; build or install the viewer again`);
    });
    for (const [, name] of text.matchAll(quotedName)) {
      if (device === 'wasm' && name!.startsWith('onnx/') && !wasmBuild.test(name!)) continue;
      found.add(name!);
    }
  }
  for (const file of found) {
    if (!(await isFile(join(dist, file))))
      throw new UserError(`${join(dist, file)}: is missing; build or install the viewer again`);
  }
  return [...found].sort();
}

async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null))?.isFile() === true;
}
