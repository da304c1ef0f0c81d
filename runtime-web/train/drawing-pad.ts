// A pad to draw small pictures on. The drawing has its own pixels; the canvas shows them enlarged, with a frame where the keys are.
import type { DrawingPad, PadOptions } from './picture-types.ts';

/** Pixels of the canvas across, about: enough that the frame of the keys is thin. */
const shownPixels = 512;
const maxUndo = 50;
const usualLabel =
  'Drawing pad. Arrow keys move, with Shift they draw; space paints, E erases, Z undoes, Delete clears.';

interface Point {
  readonly x: number;
  readonly y: number;
}

/** Makes the canvas a pad. See `drawingPad`. */
export function padOn(canvas: HTMLCanvasElement, options: PadOptions): DrawingPad {
  const { width = 32, height = 32, label = usualLabel, onChange, onMove } = options;
  for (const [name, side] of Object.entries({ width, height })) {
    if (!(Number.isInteger(side) && side >= 4 && side <= 256))
      throw new RangeError(`${name}: got ${side}, expected a whole number from 4 to 256`);
  }
  const ground = checkedColour(options.ground ?? 'white');
  let colour = checkedColour(options.colour ?? 'black');
  let brush = checkedBrush(options.brush ?? 2);
  let isErasing = false;
  const scale = Math.max(1, Math.floor(shownPixels / Math.max(width, height)));
  Object.assign(canvas, { width: width * scale, height: height * scale, tabIndex: 0 });
  Object.assign(canvas.style, { touchAction: 'none', imageRendering: 'pixelated', cursor: 'crosshair' });
  canvas.setAttribute('role', 'application');
  canvas.setAttribute('aria-label', label);
  const shown = canvas.getContext('2d')!;
  const drawing = document.createElement('canvas');
  Object.assign(drawing, { width, height });
  const context = drawing.getContext('2d', { willReadFrequently: true })!;
  Object.assign(context, { lineCap: 'round', lineJoin: 'round' });
  const cover = (): void => {
    context.fillStyle = ground;
    context.fillRect(0, 0, width, height);
  };
  const picture = (): ImageData => context.getImageData(0, 0, width, height);
  cover();
  const empty = picture().data;
  const undone: ImageData[] = [];
  let keys: Point = { x: width >> 1, y: height >> 1 };
  let stroke: (Point & { readonly pointer: number }) | null = null;

  const show = (): void => {
    shown.imageSmoothingEnabled = false;
    shown.drawImage(drawing, 0, 0, canvas.width, canvas.height);
    if (!canvas.matches(':focus-visible')) return;
    // A dark line within a light one is seen on any colour.
    const side = scale * brush;
    const from = (at: number): number => (at - Math.floor((brush - 1) / 2)) * scale;
    for (const [line, inset] of [
      ['#ffffff', 1],
      ['#2b4acb', 3],
    ] as const) {
      Object.assign(shown, { strokeStyle: line, lineWidth: 2 });
      shown.strokeRect(from(keys.x) + inset, from(keys.y) + inset, side - 2 * inset, side - 2 * inset);
    }
  };
  const changed = (): void => {
    show();
    onChange?.();
  };
  const remember = (): void => {
    undone.push(picture());
    if (undone.length > maxUndo) undone.shift();
  };
  const ink = (): string => (isErasing ? ground : colour);
  const pointOf = ({ clientX, clientY }: PointerEvent): Point => {
    const box = canvas.getBoundingClientRect();
    const [left, top] = [box.left + canvas.clientLeft, box.top + canvas.clientTop];
    return {
      x: ((clientX - left) * width) / canvas.clientWidth,
      y: ((clientY - top) * height) / canvas.clientHeight,
    };
  };
  const line = (from: Point, to: Point, event: PointerEvent): void => {
    // A pen that is pressed half way draws the brush's width.
    const wide = event.pointerType === 'pen' ? brush * (0.5 + event.pressure) : brush;
    Object.assign(context, { strokeStyle: ink(), lineWidth: wide });
    context.beginPath();
    context.moveTo(from.x, from.y);
    // Browsers paint nothing for a line without a length; a press alone is a dot.
    context.lineTo(to.x, to.y + 1e-3);
    context.stroke();
  };
  const square = ({ x, y }: Point): void => {
    context.fillStyle = ink();
    const before = Math.floor((brush - 1) / 2);
    context.fillRect(x - before, y - before, brush, brush);
  };
  const undo = (): void => {
    const before = undone.pop();
    if (before === undefined) return;
    context.putImageData(before, 0, 0);
    changed();
  };
  const clear = (): void => {
    remember();
    cover();
    changed();
  };

  const down = (event: PointerEvent): void => {
    if (stroke !== null || event.button !== 0) return;
    canvas.setPointerCapture(event.pointerId);
    remember();
    const at = pointOf(event);
    stroke = { ...at, pointer: event.pointerId };
    line(at, at, event);
    changed();
  };
  const move = (event: PointerEvent): void => {
    if (stroke?.pointer !== event.pointerId) return;
    const between = event.getCoalescedEvents();
    for (const each of between.length === 0 ? [event] : between) {
      const at = pointOf(each);
      line(stroke, at, each);
      stroke = { ...at, pointer: event.pointerId };
    }
    changed();
  };
  const up = (event: PointerEvent): void => {
    if (stroke?.pointer === event.pointerId) stroke = null;
  };
  const paint = (): void => {
    remember();
    square(keys);
    changed();
  };
  const step = (dx: number, dy: number, isDrawing: boolean): void => {
    const within = (at: number, side: number): number => Math.max(0, Math.min(side - 1, at));
    keys = { x: within(keys.x + dx, width), y: within(keys.y + dy, height) };
    if (isDrawing) paint();
    else show();
  };
  const actions: Readonly<Record<string, (event: KeyboardEvent) => void>> = {
    ArrowLeft: ({ shiftKey }) => step(-1, 0, shiftKey),
    ArrowRight: ({ shiftKey }) => step(1, 0, shiftKey),
    ArrowUp: ({ shiftKey }) => step(0, -1, shiftKey),
    ArrowDown: ({ shiftKey }) => step(0, 1, shiftKey),
    ' ': paint,
    Enter: paint,
    e: () => (isErasing = !isErasing),
    z: undo,
    Delete: clear,
    Backspace: clear,
  };
  const press = (event: KeyboardEvent): void => {
    const action = actions[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    const isShortcut = event.altKey || ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() !== 'z');
    if (action === undefined || isShortcut) return;
    event.preventDefault();
    action(event);
    const { data } = context.getImageData(keys.x, keys.y, 1, 1);
    onMove?.({ column: keys.x, row: keys.y, isPainted: data.some((byte, i) => byte !== empty[i]) });
  };
  const listening = new AbortController();
  const { signal } = listening;
  canvas.addEventListener('pointerdown', down, { signal });
  canvas.addEventListener('pointermove', move, { signal });
  canvas.addEventListener('pointerup', up, { signal });
  canvas.addEventListener('pointercancel', up, { signal });
  canvas.addEventListener('keydown', press, { signal });
  canvas.addEventListener('focus', show, { signal });
  canvas.addEventListener('blur', show, { signal });
  show();
  return {
    picture,
    get isEmpty() {
      return picture().data.every((byte, i) => byte === empty[i]);
    },
    set(change) {
      if (change.colour !== undefined) colour = checkedColour(change.colour);
      if (change.brush !== undefined) brush = checkedBrush(change.brush);
      if (change.isErasing !== undefined) isErasing = change.isErasing;
      show();
    },
    undo,
    clear,
    dispose: () => listening.abort(),
  };
}

function checkedColour(colour: string): string {
  if (CSS.supports('color', colour)) return colour;
  throw new RangeError(`colour: got ${colour}, expected a CSS colour such as #2b4acb`);
}

function checkedBrush(brush: number): number {
  if (brush >= 1 && brush <= 16) return Math.round(brush);
  throw new RangeError(`brush: got ${brush}, expected a number from 1 to 16`);
}
