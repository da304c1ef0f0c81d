// The face detector: MediaPipe's full-range network, a successor of BlazeFace. detector.onnx contains the weights of Google's npm
// package @mediapipe/face_detection (Apache 2.0, detector.LICENSE.txt), converted by scripts/convert-face-detector. ONNX Runtime
// runs it on inputs of any size.
import * as ort from 'onnxruntime-node';
import { openSession } from '../engine/onnx-session.ts';
import { toFloat } from '../pictures/pixels.ts';

/** Name and version of the network, for the list of faces. */
export const detectorName = '@mediapipe/face_detection 0.4.1657300184, full range';

/** Side of the network's training images, in pixels. */
export const trainedSize = 192;

/** The sides of an input must be multiples of this, in pixels. */
export const inputMultiple = 32;

/** The network's outputs for one input; see `decodeCells`. */
export interface CellOutputs {
  /** [cells, 16] */
  readonly numbers: Float32Array;
  /** [cells] */
  readonly logits: Float32Array;
}

/** The network, ready to run; dispose of it after use. */
export interface DetectorNetwork {
  /** Runs inputs of one size: pixels [n, height, width, 3] uint8, sides multiples of `inputMultiple`. */
  run(pixels: Uint8Array, n: number, height: number, width: number): Promise<readonly CellOutputs[]>;
  dispose(): Promise<void>;
}

/** Opens the network on the CPU. */
export async function openDetectorNetwork(threads: number): Promise<DetectorNetwork> {
  // Imported here, so that other commands do not load its megabyte.
  const { default: model } = await import('./detector.onnx');
  const session = await openSession(model, { provider: 'cpu', threads });
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

/** [n, pixels, 3] uint8 → [n, 3, pixels] in [-1, 1], the range of the training images. */
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
