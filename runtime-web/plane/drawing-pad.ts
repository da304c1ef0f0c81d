// The visitor's drawing: dabs of points, by mouse, touch, pen or keys.
import { LatentRandom } from '../format/random.ts';
import { drawPlane, extent, themeOf } from './draw-plane.ts';

/** A dab becomes this many points around its centre, of this deviation. */
const [pointsInDab, deviation] = [16, 0.04];
/** Least distance of two dabs of one stroke, and the way of one press of an arrow key. */
const [strokeStep, keyStep] = [0.1, 0.15];
const maxDabs = 500;

/** The points of dabs [n, 2]; those of a dab stay the same as others are added. */
export function pointsOfDabs(dabs: readonly number[]): Float32Array<ArrayBuffer> {
  const points = new Float32Array(dabs.length * pointsInDab);
  for (let dab = 0; dab < dabs.length; dab += 2) {
    const random = new LatentRandom(dab);
    for (let i = 0; i < 2 * pointsInDab; i++)
      points[dab * pointsInDab + i] = dabs[dab + (i % 2)]! + deviation * random.normal();
  }
  return points;
}

/** A pad on a canvas. */
export interface DrawingPad {
  /** The dabs, [n, 2] as one list. */
  dabs: readonly number[];
  draw(): void;
}

/** Makes a canvas a pad; `onChange` is called after each change, with true when a stroke has ended. */
export function drawingPad(canvas: HTMLCanvasElement, onChange: (isDone: boolean) => void): DrawingPad {
  let dabs: readonly number[] = [];
  const cursor = { x: 0, y: 0 };
  let isDrawing = false;
  const pad: DrawingPad = {
    get dabs() {
      return dabs;
    },
    set dabs(given) {
      dabs = given.slice(0, 2 * maxDabs);
      pad.draw();
    },
    draw() {
      const theme = themeOf(canvas);
      drawPlane(canvas, { real: pointsOfDabs(dabs), samples: null, heat: null, slopes: null }, theme);
      if (!canvas.matches(':focus-visible')) return;
      const [x, y] = [cursor.x, -cursor.y].map((value) => ((value / extent + 1) / 2) * canvas.width) as [
        number,
        number,
      ];
      const context = canvas.getContext('2d')!;
      context.strokeStyle = theme === 'dark' ? '#fff' : '#000';
      context.lineWidth = canvas.width / 200;
      context.strokeRect(x - canvas.width / 60, y - canvas.width / 60, canvas.width / 30, canvas.width / 30);
    },
  };
  const add = (): void => {
    if (dabs.length >= 2 * maxDabs) return;
    pad.dabs = [...dabs, cursor.x, cursor.y];
    onChange(false);
  };
  const moveTo = ({ clientX, clientY }: PointerEvent): void => {
    const { left, top, width, height } = canvas.getBoundingClientRect();
    cursor.x = within(extent * ((2 * (clientX - left)) / width - 1));
    cursor.y = within(-extent * ((2 * (clientY - top)) / height - 1));
  };
  canvas.addEventListener('pointerdown', (event) => {
    if (event.button !== 0) return;
    isDrawing = true;
    canvas.setPointerCapture(event.pointerId);
    moveTo(event);
    add();
  });
  canvas.addEventListener('pointermove', (event) => {
    if (!isDrawing) return;
    moveTo(event);
    const [x, y] = dabs.slice(-2);
    if (Math.hypot(cursor.x - x!, cursor.y - y!) >= strokeStep) add();
  });
  const end = (): void => {
    if (isDrawing) onChange(true);
    isDrawing = false;
  };
  canvas.addEventListener('pointerup', end);
  canvas.addEventListener('pointercancel', end);
  canvas.addEventListener('keydown', (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const ways: Readonly<Record<string, readonly [number, number]>> = {
      ...{ ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] },
    };
    const way = ways[event.key];
    if (way !== undefined) {
      cursor.x = within(cursor.x + keyStep * way[0]);
      cursor.y = within(cursor.y + keyStep * way[1]);
      pad.draw();
    } else if (event.key === ' ' || event.key === 'Enter') {
      add();
      onChange(true);
    } else if (event.key === 'Backspace' || event.key === 'Delete') {
      pad.dabs = dabs.slice(0, -2);
      onChange(true);
    } else return;
    event.preventDefault();
  });
  for (const type of ['focus', 'blur']) canvas.addEventListener(type, () => pad.draw());
  return pad;
}

function within(value: number): number {
  return Math.max(-extent, Math.min(extent, value));
}
