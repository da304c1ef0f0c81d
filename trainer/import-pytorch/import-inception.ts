// Makes a feature network of Inception v3's weights: an ONNX file and its sidecar, for `evaluate --network`.
import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { UserError } from '../errors.ts';
import { writeFileAtomically } from '../files/atomic-file.ts';
import { describeFile } from '../files/describe-file.ts';
import { onDisk } from '../files/disk.ts';
import { held } from '../held.ts';
import type { Sidecar } from '../metrics/sidecar.ts';
import { inceptionSize } from './inception-layers.ts';
import { inceptionNetwork, type InceptionResize } from './inception-network.ts';
import { openWeights } from './open-weights.ts';

/** The program whose figures each way of resizing gives. */
const programs: Readonly<Record<InceptionResize, string>> = {
  tensorflow: 'torch-fidelity',
  pytorch: 'pytorch-fid',
  clean: 'clean-fid',
};

/** Weights, the way to resize, and the `.onnx` file to write. */
export interface InceptionImport {
  readonly weights: string;
  readonly resize: InceptionResize;
  readonly out: string;
}

/** Writes the network and its sidecar; resolves to the sidecar and its path. Throws UserError, with nothing written, for other weights. */
export async function importInception({
  weights,
  resize,
  out,
}: InceptionImport): Promise<{ readonly sidecar: Sidecar; readonly path: string }> {
  const path = out.replace(/\.onnx$/i, '.json');
  for (const file of [out, path]) {
    const found = await stat(file).catch(() => null);
    if (found !== null) throw new UserError(`${file}: exists; move it, or give another --out`);
  }
  await using file = held(await openWeights(weights));
  const bytes = await inceptionNetwork({ path: weights, tensors: file.tensors }, resize);
  const { sha256 } = await describeFile(weights);
  const sidecar: Sidecar = {
    name: `Inception v3 of 2015, FID as ${programs[resize]}`,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    licence: 'Apache-2.0',
    source: `${basename(weights)} (sha256 ${sha256})`,
    input: {
      ...{ name: 'images', layout: 'nchw', grey: 'repeat', range: [0, 255] },
      ...(resize === 'clean'
        ? { size: inceptionSize, resize: 'cubic-float' }
        : { size: null, resize: 'network' }),
    },
    outputs: { features: 'features', logits: 'logits', layers: [] },
  };
  await onDisk(
    out,
    () => 'give another --out',
    async () => {
      await writeFileAtomically(out, bytes);
      await writeFileAtomically(path, `${JSON.stringify(sidecar, null, 2)}\n`);
    },
  );
  return { sidecar, path };
}
