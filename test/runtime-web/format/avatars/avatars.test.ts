// The drawn faces as ground truth: seeded, independent attributes, each of which changes the picture.
import { square } from '../../../../runtime-web/format/image-shape.ts';
import { createHash } from 'node:crypto';
import process from 'node:process';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { AvatarAttributes } from '../../../../runtime-web/format/avatars/attributes.ts';
import {
  avatarAttributes,
  avatarTable,
  avatarVector,
} from '../../../../runtime-web/format/avatars/attributes.ts';
import { avatarVersion } from '../../../../trainer/data/avatars/avatar-source.ts';
import { drawAvatar } from '../../../../runtime-web/format/avatars/draw-avatar.ts';
import { Head } from '../../../../runtime-web/format/avatars/head.ts';
import { wholeResampler } from '../../../../trainer/data/resample.ts';

const test = suite('avatars');
const plain: AvatarAttributes = {
  ...avatarAttributes(0, 0),
  glasses: false,
  hat: false,
  smile: true,
  mouthOpen: false,
  beard: false,
  earrings: false,
  freckles: false,
  thickBrows: false,
  hairStyle: 'fringe',
  hairColour: 'brown',
  skinTone: 'fair',
  eyeColour: 'blue',
  background: 'mint',
  clothes: 'red',
  hairLength: 0.3,
  faceShape: 0,
  yaw: 0,
  light: 0,
};

/** Number of pixels that differ by more than 12 levels in some channel. */
function changed(a: Uint8Array, b: Uint8Array): number {
  let count = 0;
  for (let p = 0; p < a.length; p += 3) {
    if ([0, 1, 2].some((c) => Math.abs(a[p + c]! - b[p + c]!) > 12)) count += 1;
  }
  return count;
}

test('the attributes are a pure function of seed and index, and another seed or index gives others', () => {
  assert.equal(avatarAttributes(123, 4), avatarAttributes(123, 4));
  const some = new Set<string>();
  for (let i = 0; i < 500; i++)
    some.add(JSON.stringify(avatarAttributes(i, 0))).add(JSON.stringify(avatarAttributes(i, 1)));
  assert.is(some.size, 1000);
  assert.ok(avatarAttributes(2 ** 32 - 1, 2 ** 21 - 1));
  for (const [index, seed] of [
    [-1, 0],
    [0.5, 0],
    [2 ** 32, 0],
    [0, -1],
    [0, 2 ** 21],
  ] as const) {
    assert.throws(() => avatarAttributes(index, seed), /expected an integer in/);
  }
});

test('the table describes every attribute: at least twelve, of three kinds, values within their ranges', () => {
  assert.ok(avatarTable.length >= 12);
  assert.equal([...new Set(avatarTable.map(({ kind }) => kind))].sort(), [
    'binary',
    'categorical',
    'continuous',
  ]);
  assert.equal(
    avatarTable.map(({ name }) => name),
    Object.keys(avatarAttributes(0, 0)),
  );
  for (let i = 0; i < 300; i++) {
    const attributes = avatarAttributes(i, 0);
    const vector = avatarVector(attributes);
    for (const [a, { name, kind, values, range }] of avatarTable.entries()) {
      assert.ok(vector[a]! >= range[0] && vector[a]! <= range[1], `${name} ${vector[a]}`);
      if (kind === 'categorical') assert.is(values![vector[a]!], attributes[name] as string);
      if (kind === 'binary') assert.is(vector[a] === 1, attributes[name] as boolean);
    }
  }
});

test('attributes are independent: no two correlate, and every value of each occurs', () => {
  const count = 20_000;
  const vectors = Array.from({ length: count }, (_, i) => avatarVector(avatarAttributes(i, 0)));
  const columns = avatarTable.map((_, a) => {
    const column = vectors.map((vector) => vector[a]!);
    const mean = column.reduce((sum, value) => sum + value, 0) / count;
    const spread = Math.sqrt(column.reduce((sum, value) => sum + (value - mean) ** 2, 0) / count);
    return column.map((value) => (value - mean) / spread);
  });
  for (let a = 0; a < columns.length; a++) {
    for (let b = 0; b < a; b++) {
      const correlation = columns[a]!.reduce((sum, value, i) => sum + value * columns[b]![i]!, 0) / count;
      // Five standard deviations of the correlation of independent numbers.
      assert.ok(
        Math.abs(correlation) < 5 / Math.sqrt(count),
        `${avatarTable[a]!.name} and ${avatarTable[b]!.name}: ${correlation}`,
      );
    }
    const { kind, values } = avatarTable[a]!;
    if (kind === 'categorical') assert.is(new Set(vectors.map((vector) => vector[a])).size, values!.length);
    if (kind === 'binary') assert.is(new Set(vectors.map((vector) => vector[a])).size, 2);
  }
});

test('each attribute changes the image of every avatar, for all values of the others', () => {
  const least = new Map<string, number>();
  for (let i = 0; i < 60; i++) {
    const attributes = avatarAttributes(2842855616 + i, 0);
    const before = drawAvatar(attributes, 64);
    for (const { name, kind, values, range } of avatarTable) {
      const now = attributes[name];
      const other =
        kind === 'binary'
          ? !now
          : kind === 'categorical'
            ? values![(values!.indexOf(now as string) + 1) % values!.length]
            : Number(now) > (range[0] + range[1]) / 2
              ? range[0]
              : range[1];
      const pixels = changed(before, drawAvatar({ ...attributes, [name]: other }, 64));
      least.set(name, Math.min(least.get(name) ?? Infinity, pixels));
    }
  }
  const weak = [...least].filter(([, pixels]) => pixels < 8);
  assert.equal(weak, [], `least changes: ${JSON.stringify([...least])}`);
});

test('pictures stay the same for ever: a change must raise avatarVersion, so that caches are drawn anew', () => {
  const hash = createHash('sha256');
  for (let i = 0; i < 24; i++) hash.update(drawAvatar(avatarAttributes(i, 0), [16, 32, 64][i % 3]!));
  assert.equal([avatarVersion, hash.digest('hex').slice(0, 16)], [1, '323c89a2b25c003e']);
});

test('one face at every size: drawn large and shrunk it is the small one', () => {
  const shrink = wholeResampler({ ...square(128), channels: 3 }, square(32));
  for (let i = 0; i < 10; i++) {
    const attributes = avatarAttributes(i, 3);
    const small = drawAvatar(attributes, 32);
    const shrunk = shrink(drawAvatar(attributes, 128));
    const mean = small.reduce((sum, value, p) => sum + Math.abs(value - shrunk[p]!), 0) / small.length;
    assert.ok(mean < 5, `avatar ${i}: mean difference ${mean}`);
  }
});

test('edges are smooth: between background and hat lie mixed pixels', () => {
  const picture = drawAvatar({ ...plain, hat: true, background: 'lemon', clothes: 'charcoal' }, 128);
  let between = 0;
  for (let y = 15; y < 35; y++) {
    for (let x = 1; x < 127; x++) {
      const [left, here, right] = [-1, 0, 1].map((d) => picture[(y * 128 + x + d) * 3]!);
      if (
        Math.abs(left! - right!) > 100 &&
        Math.min(here! - Math.min(left!, right!), Math.max(left!, right!) - here!) > 15
      )
        between += 1;
    }
  }
  assert.ok(between >= 12, `${between} mixed pixels`);
});

test('turning the head is a turn: the nose moves further than the eyes, the ears against them, the far eye narrows', () => {
  const [straight, turned] = [new Head({ yaw: 0, faceShape: 0 }), new Head({ yaw: 0.8, faceShape: 0 })];
  const moved = (longitude: number, height: number, lift: number): number =>
    turned.spot(longitude, height, lift).x - straight.spot(longitude, height, lift).x;
  assert.ok(moved(0, 0.27, 1.2) > moved(0.41, 0.02, 1) && moved(0.41, 0.02, 1) > 0.02);
  assert.ok(moved(Math.PI / 2, 0.1, 1) < 0 && moved(-Math.PI / 2, 0.1, 1) > 0);
  assert.ok(turned.spot(0.41, 0, 1).squeeze < turned.spot(-0.41, 0, 1).squeeze);
});

test('yaw moves the eyes across the picture, continuously', () => {
  // The whites of the eyes are the brightest thing in the middle of this face.
  const centre = (yaw: number): number => {
    const picture = drawAvatar({ ...plain, skinTone: 'deep', smile: false, yaw }, 96);
    let [sum, weight] = [0, 0];
    for (let y = 40; y < 60; y++) {
      for (let x = 20; x < 76; x++) {
        const white = Math.max(
          0,
          Math.min(...picture.subarray((y * 96 + x) * 3, (y * 96 + x) * 3 + 3)) - 190,
        );
        sum += white * x;
        weight += white;
      }
    }
    return sum / weight;
  };
  const centres = [-1, -0.6, -0.2, 0.2, 0.6, 1].map(centre);
  for (let i = 1; i < centres.length; i++) {
    const step = centres[i]! - centres[i - 1]!;
    assert.ok(step > 1 && step < 12, `steps of ${centres.map((x) => x.toFixed(1)).join(', ')}`);
  }
});

test('light from the right brightens the right cheek, from the left the left one', () => {
  const cheeks = (light: number): number => {
    const picture = drawAvatar({ ...plain, light }, 96);
    const mean = (from: number): number => {
      let sum = 0;
      for (let y = 58; y < 66; y++)
        for (let x = from; x < from + 6; x++) sum += picture[(y * 96 + x) * 3 + 1]!;
      return sum / 48;
    };
    return mean(64) - mean(26);
  };
  assert.ok(cheeks(1) > 25 && cheeks(-1) < -25, `${cheeks(1)} and ${cheeks(-1)}`);
  assert.ok(Math.abs(cheeks(0)) < 8);
});

test('more than 300 a second at 64 pixels on one core', () => {
  let perSecond = 0;
  for (let attempt = 0; attempt < 4; attempt++) {
    // Time of this process on a core, not of the clock: other processes may be at work.
    const before = process.cpuUsage();
    for (let i = 0; i < 100; i++) drawAvatar(avatarAttributes(i, attempt), 64);
    const { user, system } = process.cpuUsage(before);
    perSecond = Math.max(perSecond, 100 / ((user + system) / 1e6));
  }
  assert.ok(perSecond > 300, `${perSecond.toFixed(0)} a second`);
});

test('a size out of range is a RangeError', () => {
  for (const size of [0, 7, 1025, 32.5])
    assert.throws(() => drawAvatar(plain, size), /expected an integer in \[8, 1024\]/);
});

test.run();
