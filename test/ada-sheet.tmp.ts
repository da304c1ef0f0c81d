import { readFileSync, writeFileSync } from 'node:fs';
import sharp from 'sharp';
import { Random } from '../runtime-web/format/random.ts';
import { selectEngine } from '../trainer/engine/select-engine.ts';
import { sizeOf } from '../trainer/graph/trace/graph.ts';
import { drawTransforms, movementOf } from '../trainer/training/augmentation/ada-transforms.ts';
import { augment, augmentationOf } from '../trainer/training/augmentation/augmentation.ts';
import { resample, resamplingInputs, writeMovement } from '../trainer/training/augmentation/resampling.ts';
const [b, side] = [12, 64];
const { engine } = await selectEngine({ engine: 'onnx-cpu', threads: 1 });
const shape = { width: side, height: side, channels: 3 } as const;
const bytes = readFileSync('/tmp/ada-ref/faces.bin');
const images = { shape: [b, side, side, 3], dtype: 'float32' as const, data: Float32Array.from(bytes.subarray(0, b * side * side * 3), (v) => v / 127.5 - 1) };
const augmentation = augmentationOf('ada', b, shape);
const f = await engine.compile((_s, g) => ({ outputs: { y: augment(g['images']!, g) } }), { images: { shape: images.shape, dtype: 'float32' }, ...augmentation.inputs });
const ps = [0, 0.2, 0.5, 0.8, 1];
const sheet = Buffer.alloc(b * side * ps.length * side * 3);
for (const [r, p] of ps.entries()) {
  const { y } = await f.run({ images, ...augmentation.draw(new Random(4), p) }, { fetch: ['y'] });
  for (let i = 0; i < b; i++) for (let yy = 0; yy < side; yy++) for (let x = 0; x < side * 3; x++)
    sheet[((r * side + yy) * b + i) * side * 3 + x] = Math.max(0, Math.min(255, Math.round(((y!.data[((i * side + yy) * side) * 3 + x] as number) + 1) * 127.5)));
}
await sharp(sheet, { raw: { width: b * side, height: ps.length * side, channels: 3 } }).png({ compressionLevel: 9 }).toFile('/tmp/ada-ref/sheet.png');
// 64 faces, geometry only
const n = 64;
const specs = resamplingInputs(n, shape);
const g = await engine.compile((_s, given) => ({ outputs: { y: resample(given['images']!, given) } }), { images: { shape: [n, side, side, 3], dtype: 'float32' }, ...specs });
for (const p of [0.3, 0.6, 1]) {
  const data = Object.fromEntries(Object.entries(specs).map(([k, s]) => [k, new Float32Array(sizeOf(s.shape))])) as never;
  const random = new Random(9);
  const maps = Array.from({ length: n }, (_, i) => { const m = movementOf(drawTransforms(random, p, shape)); writeMovement(data, i, shape, m); return m && [[m.map.a, m.map.b, m.map.e], [m.map.c, m.map.d, m.map.g], [0, 0, 1]]; });
  const all = { shape: [n, side, side, 3], dtype: 'float32' as const, data: Float32Array.from(bytes.subarray(0, n * side * side * 3), (v) => v / 127.5 - 1) };
  const { y } = await g.run({ images: all, ...Object.fromEntries(Object.entries(specs).map(([k, s]) => [k, { ...s, data: data[k] }])) }, { fetch: ['y'] });
  writeFileSync(`/tmp/ada-ref/p${p}.bin`, Buffer.from((y!.data as Float32Array).buffer));
  writeFileSync(`/tmp/ada-ref/p${p}.json`, JSON.stringify(maps));
}
// host cost
const big = augmentationOf('ada', 64, shape);
const random = new Random(1);
for (const p of [0, 0.3, 1]) { const times = []; for (let k = 0; k < 40; k++) { const t = process.cpuUsage().user; big.draw(random, p); times.push(process.cpuUsage().user - t); } console.log('draw of 64 images, p', p, (times.slice(10).reduce((a, c) => a + c) / 30 / 1000).toFixed(2), 'ms'); }
await engine.dispose();
