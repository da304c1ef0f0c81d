// The network that finds faces: MediaPipe's full-range face detector (BlazeFace's descendant), as Google ships it in
// the npm package @mediapipe/face_detection, Apache 2.0. Its own runtime needs a browser; here its TensorFlow Lite file is
// rewritten as ONNX in memory (20 ms) and run by ONNX Runtime, on inputs of any size.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import * as ort from 'onnxruntime-node';
import { openSession } from '../engine/onnx-session.ts';
import { UserError } from '../errors.ts';
import { readLiteFile } from './lite-file.ts';
import { liteToOnnx } from './lite-to-onnx.ts';
import { toFloat } from '../pictures/pixels.ts';

/** Name of the network in the list of faces. */
export const detectorName = '@mediapipe/face_detection 0.4.1657300184, full range';

const fileName = '@mediapipe/face_detection/face_detection_full_range.tflite';

/** All figures in the documentation were measured with this file. */
const fileSha256 = '99bf9494d84f50acc6617d89873f71bf6635a841ea699c17cb3377f9507cfec3';

/** The side of the input that the network was trained on, in pixels. */
export const trainedSize = 192;

/** Sides of an input are multiples of this. */
export const inputMultiple = 32;

/** Output of the network for one input, cell by cell; see `decodeCells`. */
export interface CellOutputs {
  /** [cells, 16] */
  readonly numbers: Float32Array;
  /** [cells] */
  readonly logits: Float32Array;
}

/** The network, ready to run; dispose of it. */
export interface DetectorNetwork {
  /** Runs inputs of one size: pixels [n, height, width, 3] uint8, sides multiples of `inputMultiple`. */
  run(pixels: Uint8Array, n: number, height: number, width: number): Promise<readonly CellOutputs[]>;
  dispose(): Promise<void>;
}

/** Opens the network. Throws UserError if its package is missing or altered. */
export async function openDetectorNetwork(threads: number): Promise<DetectorNetwork> {
  const session = await openSession(liteToOnnx(readLiteFile(await networkFile()), 'faces'), {
    provider: 'cpu',
    threads,
  });
  return {
    async run(pixels, n, height, width) {
      if (pixels.length !== n * height * width * 3) {
        throw new RangeError(`got ${pixels.length} bytes, expected ${n} x ${height} x ${width} x 3`);
      }
      const images = new ort.Tensor('float32', toPlanes(pixels, n, height * width), [n, 3, height, width]);
      const { output0, output1 } = await session.run({ images });
      const [numbers, logits] = [output0!.data as Float32Array, output1!.data as Float32Array];
      const cells = logits.length / n;
      return Array.from({ length: n }, (_, i) => ({
        numbers: numbers.subarray(i * cells * 16, (i + 1) * cells * 16),
        logits: logits.subarray(i * cells, (i + 1) * cells),
      }));
    },
    dispose: () => session.release(),
  };
}

async function networkFile(): Promise<Uint8Array> {
  let content: Uint8Array;
  try {
    content = await readFile(createRequire(import.meta.url).resolve(fileName));
  } catch {
    throw new UserError(`the face detector is not installed (${fileName}); run npm ci`);
  }
  const sha256 = createHash('sha256').update(content).digest('hex');
  if (sha256 !== fileSha256) {
    throw new UserError(`the face detector's file is not the known one (sha256 ${sha256}); run npm ci`);
  }
  return content;
}

/** [n, pixels, 3] bytes as [n, 3, pixels] in [-1, 1], the range that the network was trained on. */
function toPlanes(bytes: Uint8Array, n: number, pixels: number): Float32Array {
  const planes = new Float32Array(bytes.length);
  for (let image = 0, from = 0; image < n; image++) {
    const start = image * 3 * pixels;
    for (let i = 0; i < pixels; i++, from += 3) {
      planes[start + i] = toFloat(bytes[from]!);
      planes[start + pixels + i] = toFloat(bytes[from + 1]!);
      planes[start + 2 * pixels + i] = toFloat(bytes[from + 2]!);
    }
  }
  return planes;
}
