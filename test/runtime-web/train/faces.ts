// The faces that suites train on, and the losses that they give in Node.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { avatarAttributes } from '../../../runtime-web/format/avatars/attributes.ts';
import { drawAvatar } from '../../../runtime-web/format/avatars/draw-avatar.ts';
import { parseTrainable } from '../../../runtime-web/format/training/parse-trainable.ts';
import { trainByGraphs } from '../../export/train-by-graphs.ts';

/** Number of faces that suites train on. */
export const faceCount = 40;
/** The first faces as bytes, in the order of the set. */
export const faces = Array.from({ length: faceCount }, (_, index) =>
  Array.from(drawAvatar(avatarAttributes(index, 0), 16)),
);

/** The losses of the first steps of a package by onnxruntime-node. */
export async function lossesInNode(
  model: string,
  steps: number,
): Promise<readonly Readonly<Record<string, number>>[]> {
  const opened = parseTrainable(JSON.parse(readFileSync(join(model, 'model.json'), 'utf8')), 'model.json');
  const images = Float32Array.from(faces.flat(), (byte) => byte / 127.5 - 1);
  const readFile = async (role: string): Promise<Uint8Array> => {
    const { file } = opened.trainable.files[role as 'step']!;
    return readFileSync(join(model, file));
  };
  return (
    await trainByGraphs(opened, readFile, { count: faceCount, images, labels: null, condition: null }, steps)
  ).lines;
}

/** Asserts that figures are the same within a share of their size, at least 1. */
export function assertClose(
  got: readonly Readonly<Record<string, unknown>>[],
  expected: readonly Readonly<Record<string, unknown>>[],
  tolerance = 1e-3,
): void {
  assert.is(got.length, expected.length);
  expected.forEach((line, i) => {
    for (const name of ['dLoss', 'gLoss', 'dReal', 'dFake']) {
      const [mine, theirs] = [Number(got[i]![name]), Number(line[name])];
      const difference = Math.abs(mine - theirs) / Math.max(1, Math.abs(theirs));
      assert.ok(difference < tolerance, `step ${i + 1}: ${name} is ${mine}, expected ${theirs}`);
    }
  });
}
