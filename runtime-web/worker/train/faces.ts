// The built-in faces of a training, drawn in a worker of their own before a batch needs them. A face that has not come by then is drawn here,
// so that a training neither waits for that worker nor needs it.
import { avatarImages } from '../../training/avatars.ts';
import type { Shaped, TrainingImages } from '../../training/images.ts';
import { trustedUrl } from '../../trusted-url.ts';
import { drawingName, type FacesDrawn, type FacesWanted } from './draw-faces.ts';

/** Faces in one message. */
const perMessage = 32;

/** The part of a worker that this needs. */
export type Drawing = Pick<Worker, 'postMessage' | 'terminate' | 'onmessage' | 'onerror'>;

/** The first faces (null: as many as the trainer's set has); `script` is the address of later.ts. Throws as `avatarImages` does. */
export function facesOf(wanted: number | null, opened: Shaped, script: string): TrainingImages<Uint8Array> {
  return drawnAhead(avatarImages(wanted, opened), opened, () => startDrawing(new URL(script)));
}

/**
 * The faces `images` with those drawn ahead by the worker that `start` starts, at the first call of `ahead`. The worker ends when it has drawn
 * all that were not drawn here, and when it fails.
 */
export function drawnAhead(
  images: TrainingImages<Uint8Array>,
  { width, channels }: Pick<Shaped, 'width' | 'channels'>,
  start: () => Drawing,
): TrainingImages<Uint8Array> {
  const come = new Array<Uint8Array | undefined>(images.count);
  const isTaken = new Uint8Array(images.count);
  let left = images.count;
  let asked = 0;
  let drawing: Drawing | null | undefined;
  const end = (): void => {
    drawing?.terminate();
    drawing = null;
  };
  /** True the first time: nobody has drawn the face or been asked for it. */
  const take = (index: number): boolean => {
    if (isTaken[index] === 1) return false;
    isTaken[index] = 1;
    left -= 1;
    return true;
  };
  const endIfDone = (): void => {
    if (left === 0 && asked === 0) end();
  };
  const begin = (): Drawing => {
    const started = start();
    started.onmessage = ({ data: { indices, pixels } }: MessageEvent<FacesDrawn>) => {
      const length = pixels.length / indices.length;
      indices.forEach((index, i) => (come[index] = pixels.subarray(i * length, (i + 1) * length)));
      asked -= indices.length;
      endIfDone();
    };
    // Refused by a policy, or not found.
    started.onerror = (event) => {
      event.preventDefault();
      end();
    };
    return started;
  };
  return {
    ...images,
    image(index) {
      if (take(index)) endIfDone();
      return come[index] ?? images.image(index);
    },
    ahead(indices) {
      if (drawing === null) return;
      const wanted = indices.filter(take);
      try {
        for (let first = 0; first < wanted.length; first += perMessage) {
          const message: FacesWanted = { width, channels, indices: wanted.slice(first, first + perMessage) };
          (drawing ??= begin()).postMessage(message);
          asked += message.indices.length;
        }
      } catch {
        // Some browsers have no workers inside workers, and some refuse them at once.
        end();
      }
    },
    end,
  };
}

/** Starts the worker; one of another origin by a script of this one, which not every policy allows. Throws what the browser throws. */
function startDrawing({ href, origin }: URL): Worker {
  const options = { type: 'module', name: drawingName } as const;
  if (origin === self.origin) return new Worker(trustedUrl(href), options);
  const script = new Blob([`import ${JSON.stringify(href)};`], { type: 'text/javascript' });
  const address = URL.createObjectURL(script);
  const worker = new Worker(trustedUrl(address), options);
  for (const type of ['message', 'error'] as const)
    worker.addEventListener(type, () => URL.revokeObjectURL(address), { once: true });
  return worker;
}
