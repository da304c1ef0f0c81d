// The files that PyTorch made for the tests (scripts/fixtures/pytorch_dcgan.py), and what its networks make of them.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

/** The path of a file. */
export function fixture(name: string): string {
  return resolve('test', 'fixtures', 'pytorch', name);
}

/** z [n, 6] and PyTorch's images [n, 16, 16, 3] of netG in eval mode. */
export function pytorchImages(path = fixture('images.json')) {
  return floatsIn<'z' | 'images'>(path);
}

/** Images [n, 16, 16, 3] and PyTorch's logits [n] of netD in training, where each batch has statistics of its own. */
export function pytorchLogits() {
  return floatsIn<'images' | 'logits'>(fixture('logits.json'));
}

function floatsIn<Key extends string>(path: string): Readonly<Record<Key, Float32Array>> {
  const texts = JSON.parse(readFileSync(path, 'utf8')) as Record<Key, string>;
  const entries = Object.entries<string>(texts).map(([key, text]) => [
    key,
    new Float32Array(Uint8Array.from(Buffer.from(text, 'base64')).buffer),
  ]);
  return Object.fromEntries(entries) as Record<Key, Float32Array>;
}

/** The largest difference between two lists of numbers; Infinity for lists of different lengths. */
export function largestDifference(got: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (got.length !== expected.length) return Infinity;
  return Array.from(got, (value, i) => Math.abs(value - expected[i]!)).reduce(
    (worst, difference) => (difference <= worst ? worst : difference),
    0,
  );
}
