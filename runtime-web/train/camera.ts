// The visitor's camera: asked for, and on until it is stopped.
import type { BurstOptions, Camera, CameraOptions } from './picture-types.ts';

/** The shorter side of pictures, in pixels: several times that of training images. */
const shortSide = 256;

/** Time that a burst waits for another frame: a covered camera shows the same one. */
const maxWaitMs = 500;

/** Remedies by the browser's names of the failures. */
const remedies: Readonly<Record<string, string>> = {
  NotAllowedError:
    'this page may not use the camera; allow it beside the address, and in the settings of the system',
  NotFoundError: 'no camera was found; connect one, or give files',
  NotReadableError: 'the camera does not start; another program may be using it',
};

/** Asks for the camera. See `startCamera`. */
export async function openCamera({ facing = 'user', signal }: CameraOptions): Promise<Camera> {
  signal?.throwIfAborted();
  const devices = navigator.mediaDevices as MediaDevices | undefined;
  if (devices === undefined)
    throw new DOMException(
      'camera: browsers give it only to pages on https or localhost; open this page there, or give files',
      'NotAllowedError',
    );
  const video: MediaTrackConstraints = { facingMode: facing, width: { ideal: 640 }, height: { ideal: 480 } };
  let stream: MediaStream;
  try {
    stream = await devices.getUserMedia({ video, audio: false });
  } catch (error) {
    const { name, message } = error as Error;
    throw new DOMException(`camera: ${remedies[name] ?? message}`, name);
  }
  const camera = new OpenCamera(stream);
  if (signal?.aborted) camera.stop();
  signal?.throwIfAborted();
  signal?.addEventListener('abort', () => camera.stop(), { once: true });
  return camera;
}

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

class OpenCamera implements Camera {
  readonly stream: MediaStream;
  readonly #video = document.createElement('video');

  constructor(stream: MediaStream) {
    this.stream = stream;
    Object.assign(this.#video, { muted: true, playsInline: true, srcObject: stream });
  }

  async burst(options: BurstOptions = {}): Promise<ImageData[]> {
    const { count = 24, intervalMs = 150, keepOn = false, onPicture, signal } = options;
    if (!(Number.isInteger(count) && count >= 1 && count <= 500))
      throw new RangeError(`count: got ${count}, expected a whole number from 1 to 500`);
    if (!(intervalMs >= 0 && intervalMs <= 10_000))
      throw new RangeError(`intervalMs: got ${intervalMs}, expected a number from 0 to 10000`);
    const pictures: ImageData[] = [];
    let isKept = false;
    try {
      this.#checkOn();
      await this.#video.play();
      while (pictures.length < count) {
        if (pictures.length > 0) await wait(intervalMs);
        const picture = await this.#newPicture(pictures.at(-1), signal);
        pictures.push(picture);
        onPicture?.(picture, pictures.length - 1);
      }
      isKept = keepOn;
      return pictures;
    } finally {
      if (!isKept) this.stop();
    }
  }

  stop(): void {
    for (const track of this.stream.getTracks()) track.stop();
    this.#video.srcObject = null;
  }

  /** A picture that differs from the last one, or the same after a while. Rejects with the signal's reason, and when the camera has ended. */
  async #newPicture(last: ImageData | undefined, signal: AbortSignal | undefined): Promise<ImageData> {
    for (const start = performance.now(); ; await wait(10)) {
      signal?.throwIfAborted();
      this.#checkOn();
      const isShown = this.#video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA;
      const picture = isShown ? this.#picture() : undefined;
      const isOld = last !== undefined && picture?.data.every((byte, i) => byte === last.data[i]);
      if (picture !== undefined && !(isOld && performance.now() - start < maxWaitMs)) return picture;
    }
  }

  #checkOn(): void {
    if (this.stream.getVideoTracks().every(({ readyState }) => readyState === 'ended'))
      throw new DOMException('camera: it was switched off', 'AbortError');
  }

  #picture(): ImageData {
    const { videoWidth, videoHeight } = this.#video;
    const scale = Math.min(1, shortSide / Math.min(videoWidth, videoHeight));
    const [width, height] = [Math.round(videoWidth * scale), Math.round(videoHeight * scale)];
    const canvas = document.createElement('canvas');
    Object.assign(canvas, { width, height });
    const context = canvas.getContext('2d', { willReadFrequently: true })!;
    context.imageSmoothingQuality = 'high';
    context.drawImage(this.#video, 0, 0, width, height);
    return context.getImageData(0, 0, width, height);
  }
}
