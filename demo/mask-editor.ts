// A picture to paint a mask on, by mouse, touch or keys: arrows move a frame over the cells, space paints or wipes a cell.
import { cellOf, cellsPerSide, type Cells } from './mask-cells.ts';
import { make } from './page.ts';

/** The editor. */
export interface MaskEditor {
  readonly element: HTMLCanvasElement;
  /** Shows a picture and its missing cells; null cells disable painting. */
  show(picture: HTMLCanvasElement, cells: Cells | null): void;
}

/** Canvas pixels of a cell's width; large, so that lines stay crisp. */
const cellWidth = 32;

/** Makes an editor; `onChange` is called for every changed cell, `announce` receives the state of the cell under the frame. */
export function maskEditor(onChange: () => void, announce: (text: string) => void): MaskEditor {
  let shown: { picture: HTMLCanvasElement; cells: Cells | null } | null = null;
  let cursor = 8 * cellsPerSide + 8;
  let brush: boolean | null = null;

  const draw = (): void => {
    if (shown === null) return;
    const context = element.getContext('2d')!;
    const { width, height } = element;
    const cellHeight = height / cellsPerSide;
    context.drawImage(shown.picture, 0, 0, width, height);
    const { cells } = shown;
    if (cells === null) return;
    const place = (i: number) =>
      [(i % cellsPerSide) * cellWidth, Math.floor(i / cellsPerSide) * cellHeight] as const;
    context.fillStyle = '#ffffff';
    cells.forEach((isMissing, i) => isMissing && context.fillRect(...place(i), cellWidth, cellHeight));
    context.strokeStyle = '#2b4acb';
    context.lineWidth = 4;
    if (document.activeElement === element) {
      const [x, y] = place(cursor);
      context.strokeRect(x + 2, y + 2, cellWidth - 4, cellHeight - 4);
    }
  };
  const paint = (cell: number, isMissing: boolean): void => {
    if (shown?.cells == null || shown.cells[cell] === isMissing) return;
    shown.cells[cell] = isMissing;
    draw();
    onChange();
  };
  const under = (event: PointerEvent): number => {
    const { left, top, width, height } = element.getBoundingClientRect();
    const within = (at: number, side: number): number => Math.max(0, Math.min(side - 0.01, at));
    return cellOf(within(event.clientX - left, width), within(event.clientY - top, height), {
      width,
      height,
    });
  };
  const announceCell = (): void => {
    const isMissing = shown?.cells?.[cursor] === true;
    const [column, row] = [(cursor % cellsPerSide) + 1, Math.floor(cursor / cellsPerSide) + 1];
    announce(`Row ${row}, column ${column}: ${isMissing ? 'missing' : 'there'}.`);
  };
  const press = (event: KeyboardEvent): void => {
    const [x, y] = [cursor % cellsPerSide, Math.floor(cursor / cellsPerSide)];
    const last = cellsPerSide - 1;
    const moves: Readonly<Record<string, readonly [number, number]>> = {
      ArrowLeft: [Math.max(0, x - 1), y],
      ArrowRight: [Math.min(last, x + 1), y],
      ArrowUp: [x, Math.max(0, y - 1)],
      ArrowDown: [x, Math.min(last, y + 1)],
    };
    const to = moves[event.key];
    if (to === undefined && event.key !== ' ') return;
    event.preventDefault();
    if (to !== undefined) cursor = to[1] * cellsPerSide + to[0];
    else paint(cursor, shown?.cells?.[cursor] !== true);
    draw();
    announceCell();
  };
  const element = make('canvas', {
    class: 'editor',
    attributes: {
      width: `${cellsPerSide * cellWidth}`,
      height: `${cellsPerSide * cellWidth}`,
      tabindex: '0',
      role: 'application',
      'aria-label': 'The damaged picture. Arrow keys move between its cells; space removes or restores one.',
    },
    on: {
      keydown: (event) => press(event as KeyboardEvent),
      focus: draw,
      blur: draw,
      pointerdown: (event) => {
        const pointer = event as PointerEvent;
        if (shown?.cells == null) return;
        element.setPointerCapture(pointer.pointerId);
        cursor = under(pointer);
        brush = shown.cells[cursor] !== true;
        paint(cursor, brush);
      },
      pointermove: (event) => {
        if (brush !== null) paint(under(event as PointerEvent), brush);
      },
      pointerup: () => (brush = null),
      pointercancel: () => (brush = null),
    },
  });
  return {
    element,
    show(picture, cells) {
      shown = { picture, cells };
      element.height = Math.round((element.width * picture.height) / picture.width);
      draw();
    },
  };
}
