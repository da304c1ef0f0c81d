// The visitor's camera: asked for, and on until it is stopped.
import type { BurstOptions, Camera, CameraOptions } from './picture-types.ts';

/** The shorter side of pictures, in pixels: several times that of training images. */
const shortSide = 256;

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

class OpenCamera implements Camera {
  readonly stream: MediaStream;
  readonly #video = document.createElement('video');

  constructor(stream: MediaStream) {
    this.stream = stream;
    Object.assign(this.#video, { muted: true, playsInline: true, srcObject: stream });
  }

  async burst({ count = 24, intervalMs = 150, onPicture, signal }: BurstOptions = {}): Promise<ImageData[]> {
    if (!(Number.isInteger(count) && count >= 1 && count <= 500))
      throw new RangeError(`count: got ${count}, expected a whole number from 1 to 500`);
    if (!(intervalMs >= 0 && intervalMs <= 10_000))
      throw new RangeError(`intervalMs: got ${intervalMs}, expected a number from 0 to 10000`);
    await this.#video.play();
    const pictures: ImageData[] = [];
    while (pictures.length < count) {
      if (pictures.length > 0) await new Promise((resolve) => setTimeout(resolve, intervalMs));
      await this.#nextFrame();
      signal?.throwIfAborted();
      const picture = this.#picture();
      onPicture?.(picture, pictures.push(picture) - 1);
    }
    return pictures;
  }

  stop(): void {
    for (const track of this.stream.getTracks()) track.stop();
    this.#video.srcObject = null;
  }

  /** Waits for a frame that has not been taken yet. Rejects when the camera has ended. */
  async #nextFrame(): Promise<void> {
    const ended = (): boolean => this.stream.getVideoTracks().every((track) => track.readyState === 'ended');
    let shown = false;
    this.#video.requestVideoFrameCallback(() => (shown = true));
    while (!shown) {
      if (ended()) throw new DOMException('camera: it was switched off', 'AbortError');
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
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
