// The room of restoring: the visitor paints the missing area on a picture, and the generator fills it in, step by step.
import type { RestoringTask } from '../../runtime-web/index.ts';
import { Random } from '../../runtime-web/format/random.ts';
import { fromHex, presets, toHex, toPixels, type Cells } from '../mask-cells.ts';
import { maskEditor } from '../mask-editor.ts';
import { heldOutOf, pictureOfFile, picturesOf } from '../pictures.ts';
import type { RoomContext } from '../room.ts';
import { canvasOf, errorBox, lacking, lead, make, show, statusLine } from '../page.ts';
import { note, randomSeed, wholeNumber } from '../state.ts';
import { bar, button, select } from '../widgets.ts';

const tasks: Readonly<Record<RestoringTask, string>> = {
  inpaint: 'Fill a hole',
  denoise: 'Remove noise',
  colourise: 'Add colour',
};
const steps = 150;
/** Standard deviation of the noise, in pixel values from 0 to 255. */
const noise = 40;

/** Fills the room. */
export async function open(context: RoomContext): Promise<void> {
  const { place, generator, model, first, values, signal } = context;
  const { width, height, channels, files } = generator.model;
  place.append(
    lead(
      'The generator knows what such pictures look like. We search for the face, among all the generator can draw, that best ' +
        'matches the undamaged part, and copy the missing part from it. Paint on the picture to remove parts.',
    ),
  );
  if (files.restoring === undefined) {
    place.append(lacking(generator.model, 'restore pictures', 'restoring'));
    return;
  }
  const heldOut = (await picturesOf(model, signal))?.heldOut ?? null;
  const real = heldOut === null ? [] : await heldOutOf(model, heldOut, signal);
  if (signal.aborted) return;

  let task: RestoringTask =
    values['task'] !== undefined && Object.hasOwn(tasks, values['task'])
      ? (values['task'] as RestoringTask)
      : 'inpaint';
  if (task === 'colourise' && channels !== 3) task = 'inpaint';
  let cells: Cells = fromHex(values['mask']) ?? presets['the middle']!();
  let whole: HTMLCanvasElement;
  let damaged: HTMLCanvasElement;
  let stop: AbortController | null = null;

  const status = statusLine();
  const progress = make('progress', { attributes: { max: '1', value: '0', 'aria-label': 'Progress' } });
  const editor = maskEditor(
    () => changed({ mask: toHex(cells) }),
    (text) => (status.textContent = text),
  );
  const result = make('canvas', {
    attributes: { width: `${width}`, height: `${height}`, role: 'img', 'aria-label': 'The restored picture' },
  });
  const original = make('canvas', { attributes: { role: 'img', 'aria-label': 'The original picture' } });

  /** Damages the picture and shows it, with an empty restoration. */
  const damage = (): void => {
    const data = whole.getContext('2d')!.getImageData(0, 0, width, height);
    show(original, data);
    if (task === 'denoise') addNoise(data);
    if (task === 'colourise') makeGrey(data);
    damaged = canvasOf(data);
    editor.show(damaged, task === 'inpaint' ? cells : null);
    show(result, new ImageData(width, height));
    progress.value = 0;
  };
  const changed = (noted: Readonly<Record<string, string>>): void => {
    stop?.abort();
    note({ ...noted, fill: '' });
    if (noted['mask'] === undefined) damage();
  };
  const restore = async (): Promise<void> => {
    stop?.abort();
    const mine = new AbortController();
    stop = mine;
    const until = mine.signal;
    signal.addEventListener('abort', () => mine.abort(), { signal: until });
    fill.disabled = true;
    halt.disabled = false;
    note({ fill: '1' });
    status.textContent = 'Choosing latents to start from.';
    try {
      await generator.restore({
        image: damaged,
        task,
        ...(task === 'inpaint' && { mask: toPixels(cells, { width, height }) }),
        steps,
        signal: until,
        onStep({ step, loss, image }) {
          show(result, image);
          progress.value = step / steps;
          status.textContent = `Step ${step} of ${steps}, loss ${loss.toFixed(3)}.`;
        },
      });
      status.textContent = `Done in ${steps} steps.`;
    } catch (error) {
      if (signal.aborted) return;
      status.textContent = until.aborted ? 'Stopped.' : '';
      if (!until.aborted) status.append(errorBox(error));
    } finally {
      if (stop === mine) {
        fill.disabled = false;
        halt.disabled = true;
      }
    }
  };
  const fill = button('Restore it', () => void restore(), true);
  const halt = button('Stop', () => stop?.abort());
  halt.disabled = true;

  const take = (picture: HTMLCanvasElement, noted: Readonly<Record<string, string>>): void => {
    whole = picture;
    changed({ seed: '', real: '', ...noted });
  };
  const takeSeed = async (seed: number): Promise<void> => {
    const [image] = await generator.generate({ seeds: [seed], signal });
    take(canvasOf(image!), { seed: `${seed}` });
  };
  const takeFile = async (file: File | undefined): Promise<void> => {
    if (file === undefined) return;
    try {
      take(await pictureOfFile(file, { width, height }), {});
      status.textContent = 'Your picture stays on this device; the link does not include it.';
    } catch (error) {
      status.replaceChildren(errorBox(error));
    }
  };
  const takeReal = (index: number): void =>
    take(real[index % real.length]!, { real: `${index % real.length}` });
  const file = make('input', {
    attributes: { type: 'file', accept: 'image/*' },
    on: { change: () => void takeFile(file.files?.[0]) },
  });
  const taskChoice = select(
    'Task',
    Object.entries(tasks).filter(([name]) => channels === 3 || name !== 'colourise'),
    task,
    (name) => {
      task = name as RestoringTask;
      maskChoice.element.hidden = task !== 'inpaint';
      changed({ task });
    },
  );
  const maskChoice = select(
    'Missing part',
    Object.keys(presets).map((name) => [name, name]),
    '',
    (name) => {
      cells = presets[name]!();
      editor.show(damaged, cells);
      changed({ mask: toHex(cells) });
    },
  );
  maskChoice.element.hidden = task !== 'inpaint';
  const figure = (canvas: HTMLCanvasElement, text: string): HTMLElement =>
    make('figure', {}, canvas, make('figcaption', { text }));
  const board = make(
    'div',
    {
      class: 'board',
      on: {
        dragover: (event) => event.preventDefault(),
        drop: (event) => {
          event.preventDefault();
          void takeFile((event as DragEvent).dataTransfer?.files[0]);
        },
      },
    },
    figure(editor.element, 'Damaged: paint here, or drop a picture'),
    figure(result, 'Restored'),
    figure(original, 'Original'),
  );
  place.append(
    bar(taskChoice.element, maskChoice.element, fill, halt, progress),
    board,
    status,
    bar(
      button('Another sample', () => void takeSeed(randomSeed())),
      ...(real.length === 0
        ? []
        : [button('A real picture', () => takeReal(Math.floor(Math.random() * real.length)))]),
      make('label', {}, 'Your own ', file),
    ),
  );
  const isFilled = values['fill'] === '1';
  if (real.length > 0 && values['seed'] === undefined) takeReal(wholeNumber(values['real'], 3));
  else await takeSeed(wholeNumber(values['seed'], first + 3));
  if (isFilled && !signal.aborted) void restore();
}

/** Adds noise with a fixed seed, so that a link reproduces the picture. */
function addNoise({ data }: ImageData): void {
  const random = new Random(1);
  const isGrey = data.every((value, i) => i % 4 === 3 || value === data[i - (i % 4)]);
  for (let i = 0; i < data.length; i += 4) {
    const grey = noise * random.normal();
    for (let c = 0; c < 3; c++) data[i + c]! += isGrey ? grey : noise * random.normal();
  }
}

function makeGrey({ data }: ImageData): void {
  for (let i = 0; i < data.length; i += 4) {
    const luma = 0.299 * data[i]! + 0.587 * data[i + 1]! + 0.114 * data[i + 2]!;
    data.fill(luma, i, i + 3);
  }
}
