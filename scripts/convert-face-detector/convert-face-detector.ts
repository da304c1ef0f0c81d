// Writes trainer/faces/detector.onnx from MediaPipe's TensorFlow Lite file:
//   npm pack @mediapipe/face_detection@0.4.1657300184 && tar xzf mediapipe-face_detection-*.tgz
//   node esbuild.config.mjs scripts
//   node dist/scripts/convert-face-detector.js package/face_detection_full_range.tflite
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { refuse } from '../flags.ts';
import { readLiteFile } from './lite-file.ts';
import { liteToOnnx } from './lite-to-onnx.ts';

/** All figures in docs/notes/faces.md were measured with this file. */
const knownSha256 = '99bf9494d84f50acc6617d89873f71bf6635a841ea699c17cb3377f9507cfec3';

const [path, ...others] = process.argv.slice(2);
if (path === undefined || others.length > 0) {
  refuse('expected one path, of face_detection_full_range.tflite');
}
const content = readFileSync(path);
const sha256 = createHash('sha256').update(content).digest('hex');
if (sha256 !== knownSha256) refuse(`${path}: has sha256 ${sha256}, expected ${knownSha256}`);
const model = liteToOnnx(readLiteFile(content), 'faces', {
  origin: '@mediapipe/face_detection 0.4.1657300184, face_detection_full_range.tflite',
  license: 'Apache-2.0',
  changes: 'converted from TensorFlow Lite to ONNX; the weights are unchanged',
});
const out = join('trainer', 'faces', 'detector.onnx');
writeFileSync(out, model);
console.log(`${out}: ${model.length} bytes`);
