// The generator with the activations of every layer as outputs: `generator/block1` [n, h, w, c], …
import { packageFiles } from '../../../runtime-web/format/package-files.ts';
import { gateHalf } from '../gates/parity-gate.ts';
import { encodeGenerator } from '../onnx-generator.ts';
import type { Part } from './part.ts';

/** Writes `activations.onnx` and compares its images with those of `generator.onnx`. */
export const activations: Part = {
  roles: ['activations'],
  async write({ generator, latents, tolerances, name, metadata, signal, write, onProgress }, { full }) {
    const { latentDim, conditioning } = latents;
    const options = { name, latentDim, conditioning, metadata, isHalf: true, withLayers: true };
    const file = await write('activations', encodeGenerator(generator, options));
    onProgress(`comparing ${packageFiles.activations.file} with ${packageFiles.generator.file}`);
    return gateHalf(full, { role: 'activations', file, latents, tolerances, signal });
  },
};
