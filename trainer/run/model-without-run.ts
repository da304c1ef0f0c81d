// A model package where a run is expected: it has no checkpoints, no discriminator and no training data.
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { untrained } from '../../runtime-web/format/untrained.ts';
import { modelFileName } from '../model-package/package-folder.ts';
import { readModelFile } from '../model-package/model-file.ts';
import { provenanceOf } from '../model-package/provenance.ts';

/**
 * The reason why the model package at `path`, its folder or its `model.json`, is no run, and what to do; null if there is no package that can
 * be read.
 */
export async function modelWithoutRun(path: string): Promise<string | null> {
  const folder = path.endsWith(modelFileName) ? dirname(path) : path;
  const model = await readModelFile(folder);
  if (model === null) {
    const text = await readFile(join(folder, modelFileName), 'utf8').catch(() => 'null');
    return untrained(parsed(text), 'a run with its checkpoints');
  }
  if (model.training !== null || model.origin?.format !== 'onnx') {
    return 'a model without the run that made it, which has the checkpoints and the discriminator; give the run';
  }
  return (
    `a model ${provenanceOf(model)}, without a run and its checkpoints; ` +
    'import the PyTorch weights of a DCGAN (.pth or .safetensors) or use train, which both make a run'
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
