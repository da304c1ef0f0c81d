// `node dist/scripts/make-start.js CHECKPOINT FILE`: the weights of a checkpoint as a small file that trainings in a page start from: G's
// averages and D's parameters, in half precision.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import process from 'node:process';
import { startFormat } from '../runtime-web/format/training/checkpoint-bytes.ts';
import { decodeSafetensors, type StoredTensor } from '../runtime-web/format/training/safetensors.ts';
import { averageName } from '../runtime-web/format/training/slot-names.ts';
import { writeFileAtomically } from '../trainer/files/atomic-file.ts';
import { halfBytes } from '../trainer/graph/lower/half.ts';
import { refuse } from './flags.ts';

/** Settings that say which networks the weights are of. */
const keys = [
  ...['network', 'channels', 'imageSize', 'baseWidth', 'kernel', 'latent'],
  ...['condition', 'labelDiscriminator', 'objective'],
];

/** The bytes of the file. Throws ModelFormatError for bytes that are no checkpoint. */
export function startFile(checkpoint: Uint8Array, name: string): Uint8Array {
  const { tensors, metadata } = decodeSafetensors(checkpoint, name);
  const config = JSON.parse(metadata['config']!) as Record<string, unknown>;
  const kept = Object.keys(tensors).filter((entry) => /^(generator|discriminator|spectral)\//.test(entry));
  const chosen = kept.map((entry): [string, StoredTensor] => [
    entry,
    tensors[averageName(entry)] ?? tensors[entry]!,
  ]);
  const data = chosen.map(([, tensor]) => halfBytes(tensor.data as Float32Array));
  const header = (sha256: string): Buffer => {
    const described = {
      ...{ format: startFormat, steps: metadata['step']!, images: metadata['images']! },
      config: JSON.stringify(Object.fromEntries(keys.map((key) => [key, config[key]]))),
      dataset: metadata['dataset']!,
      sha256,
    };
    let end = 0;
    const entries = chosen.map(([entry, { shape }], i) => {
      const start = end;
      end += data[i]!.length;
      return [entry, { dtype: 'F16', shape, data_offsets: [start, end] }];
    });
    const json = JSON.stringify({ __metadata__: described, ...Object.fromEntries(entries) });
    const padded = Buffer.from(json.padEnd(Math.ceil(Buffer.byteLength(json) / 8) * 8));
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(padded.length));
    return Buffer.concat([length, padded]);
  };
  const sha256 = createHash('sha256')
    .update(Buffer.concat([header('0'.repeat(64)), ...data]))
    .digest('hex');
  return Buffer.concat([header(sha256), ...data]);
}

const [checkpoint, file] = process.argv.slice(2);
if (process.argv[1]?.endsWith('make-start.js') === true) {
  if (checkpoint === undefined || file === undefined) refuse('expected CHECKPOINT FILE');
  await writeFileAtomically(file, startFile(readFileSync(checkpoint), checkpoint));
}
