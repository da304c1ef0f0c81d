// Shows one picture as a whole, with the part that training sees; the part moves by pointer and arrow keys.
import { make } from '../elements/nodes.ts';
import { boxAround, type Focus } from '../format/crop-box.ts';
import type { ImageSize } from '../format/image-shape.ts';
import type { GivenPicture } from '../train/index.ts';

/** Longer side of the picture on its canvas, in pixels. */
const maxSide = 320;
/** Share of the picture that an arrow key moves the part by. */
const keyStep = 0.05;

/** A cropper. */
export interface Cropper {
  readonly canvas: HTMLCanvasElement;
  /** Frees the picture. */
  close(): void;
}

/**
 * Opens a picture; `onMove` receives each place that a person chose, when they let go. Throws what `createImageBitmap` throws for a picture
 * that does not decode.
 */
export async function openCropper(
  source: GivenPicture,
  target: ImageSize,
  focus: Focus,
  onMove: (focus: { readonly x: number; readonly y: number }) => void,
): Promise<Cropper> {
  const bitmap = await createImageBitmap(source);
  const scale = maxSide / Math.max(bitmap.width, bitmap.height);
  const [width, height] = [Math.round(bitmap.width * scale), Math.round(bitmap.height * scale)];
  const canvas = make('canvas', {
    part: 'cropper',
    width: `${width}`,
    height: `${height}`,
    tabindex: '0',
    role: 'img',
  });
  const context = canvas.getContext('2d')!;
  let at = focus === 'centre' ? { x: 0.5, y: 0.5 } : focus;
  const draw = (): void => {
    const { left, top, ...box } = boxAround({ width, height }, target, at);
    context.globalAlpha = 1;
    context.clearRect(0, 0, width, height);
    context.globalAlpha = 0.35;
    context.drawImage(bitmap, 0, 0, width, height);
    context.globalAlpha = 1;
    context.save();
    context.beginPath();
    context.rect(left, top, box.width, box.height);
    context.clip();
    context.drawImage(bitmap, 0, 0, width, height);
    context.restore();
    context.lineWidth = 3;
    context.strokeStyle = '#fff';
    context.strokeRect(left + 1.5, top + 1.5, box.width - 3, box.height - 3);
    context.lineWidth = 1;
    context.strokeStyle = '#000';
    context.strokeRect(left + 0.5, top + 0.5, box.width - 1, box.height - 1);
  };
  /** Moves the middle of the part by shares of the picture, as far as the part can go. */
  const move = (x: number, y: number): void => {
    const { width: wide, height: high } = boxAround({ width, height }, target, at);
    const within = (value: number, half: number): number => Math.min(1 - half, Math.max(half, value));
    at = { x: within(at.x + x, wide / width / 2), y: within(at.y + y, high / height / 2) };
    draw();
  };
  move(0, 0);
  let from: { readonly x: number; readonly y: number } | null = null;
  canvas.addEventListener('pointerdown', (event) => {
    canvas.setPointerCapture(event.pointerId);
    from = { x: event.clientX, y: event.clientY };
  });
  canvas.addEventListener('pointermove', (event) => {
    if (from === null) return;
    const shown = canvas.getBoundingClientRect();
    move((event.clientX - from.x) / shown.width, (event.clientY - from.y) / shown.height);
    from = { x: event.clientX, y: event.clientY };
  });
  for (const type of ['pointerup', 'pointercancel'] as const)
    canvas.addEventListener(type, () => {
      if (from !== null) onMove(at);
      from = null;
    });
  canvas.addEventListener('keydown', (event) => {
    const ways: Readonly<Record<string, readonly [number, number]>> = {
      ...{
        ArrowLeft: [-keyStep, 0],
        ArrowRight: [keyStep, 0],
        ArrowUp: [0, -keyStep],
        ArrowDown: [0, keyStep],
      },
    };
    const way = ways[event.key];
    if (way === undefined) return;
    event.preventDefault();
    move(...way);
    onMove(at);
  });
  return { canvas, close: () => bitmap.close() };
}
