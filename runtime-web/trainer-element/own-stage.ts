// The stage of the visitor's pictures: one view at a time, to crop a picture elsewhere, to take some with the camera, or to draw one.
import { make } from '../elements/nodes.ts';
import type { Focus } from '../format/crop-box.ts';
import type { Camera, GivenPicture } from '../train/index.ts';
import { openCropper, type Cropper } from './cropper.ts';
import type { TrainerHost } from './host.ts';
import type { OwnPicture, OwnPictures } from './own-pictures.ts';
import type { StringName } from './strings.ts';

/** The panel, as its stage uses it. */
export interface StageOwner {
  readonly host: TrainerHost;
  /** Null before the first picture. */
  readonly pictures: OwnPictures | null;
  /** A button with a text. */
  button(name: StringName, act: () => void): HTMLButtonElement;
  /** Takes the pictures that `find` resolves to. */
  take(find: () => Promise<readonly GivenPicture[]>): void;
  /** Shows the pictures after one has changed. */
  changed(): void;
}

/** The stage. Its methods reject with what the camera, the cropper or the code to fetch throw. */
export interface Stage {
  readonly node: HTMLElement;
  /** Opens a picture to crop it elsewhere, or to remove it. */
  adjust(picture: OwnPicture): Promise<void>;
  openCamera(): Promise<void>;
  openPad(): Promise<void>;
  /** Closes the view; a camera is switched off. */
  close(): void;
}

/** An empty stage. */
export function stageOf(owner: StageOwner): Stage {
  const { host, button, take, changed } = owner;
  const { say } = host;
  let camera: Camera | null = null;
  let cropper: Cropper | null = null;
  const node = make('div', { part: 'stage', hidden: '' });
  const show = (view: HTMLElement, ...buttons: readonly HTMLElement[]): void => {
    node.replaceChildren(view, make('div', { class: 'buttons' }, ...buttons, button('done', close)));
    node.hidden = false;
  };
  const close = (): void => {
    camera?.stop();
    cropper?.close();
    camera = cropper = null;
    node.replaceChildren();
    node.hidden = true;
  };

  /** A function that crops a picture; while one crop is under way, only the last place that is wanted meanwhile counts. */
  const cropping = (picture: OwnPicture) => {
    let current = picture;
    let next: Focus | null = null;
    let isCropping = false;
    return {
      get current() {
        return current;
      },
      async crop(focus: Focus): Promise<void> {
        next = focus;
        if (isCropping) return;
        isCropping = true;
        try {
          for (let place: Focus | null = next; place !== null; place = next) {
            next = null;
            current = await owner.pictures!.crop(current, place);
          }
          changed();
        } finally {
          isCropping = false;
        }
      },
    };
  };

  return {
    node,
    close,
    async adjust(picture) {
      close();
      const cropped = cropping(picture);
      cropper = await openCropper(picture.source, owner.pictures!.shape, picture.focus, (focus) => {
        cropped.crop(focus).catch(host.fail);
      });
      const { canvas } = cropper;
      canvas.setAttribute('aria-label', say('cropper', picture.name));
      const remove = button('remove', () => {
        owner.pictures?.remove(cropped.current);
        close();
        changed();
      });
      show(canvas, remove);
      canvas.focus();
    },
    async openCamera() {
      close();
      const { startCamera } = await import('../train/index.ts');
      const started = await startCamera();
      camera = started;
      const video = make('video', { part: 'camera', 'aria-label': say('camera') });
      [video.muted, video.playsInline, video.srcObject] = [true, true, started.stream];
      await video.play();
      const burst = button('burst', () =>
        take(async () => {
          // The camera is off after a burst.
          const pictures = await started.burst();
          close();
          return pictures;
        }),
      );
      show(video, burst);
      burst.focus();
    },
    async openPad() {
      close();
      const [{ drawingPad }, { width, height }] = await Promise.all([
        import('../train/index.ts'),
        host.shapeFor(owner.pictures?.pictures.length ?? 0),
      ]);
      const canvas = make('canvas', { part: 'pad' });
      const pad = await drawingPad(canvas, { width, height });
      const add = button('addDrawing', () => {
        if (pad.isEmpty) return;
        const picture = pad.picture();
        pad.clear();
        take(async () => [picture]);
      });
      show(canvas, add);
      canvas.focus();
    },
  };
}
