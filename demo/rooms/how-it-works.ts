// The room of the transposed convolution, the main step of every generator layer: the layers of the model, a small example to change,
// and the same step as a matrix (Dumoulin and Visin 2016, section 4).
import type { LayerActivation } from '../../runtime-web/index.ts';
import { imageOfLayer, mapOf } from '../layer-maps.ts';
import type { RoomContext } from '../room.ts';
import { canvasOf, errorBox, lacking, lead, make } from '../page.ts';
import { note, randomSeed, wholeNumber } from '../state.ts';
import { bar, button } from '../widgets.ts';

const [inSize, kernelSize, outSize] = [2, 3, 4];

/** The index of the kernel weight between an output and an input position; null if the kernel does not connect them. */
export function kernelIndex(to: number, from: number): number | null {
  const row = Math.floor(to / outSize) - Math.floor(from / inSize);
  const column = (to % outSize) - (from % inSize);
  const meets = row >= 0 && row < kernelSize && column >= 0 && column < kernelSize;
  return meets ? row * kernelSize + column : null;
}

/** The 4x4 output of a transposed convolution of a 2x2 input with a 3x3 kernel, stride 1. */
export function transposedConvolution(input: readonly number[], kernel: readonly number[]): number[] {
  return Array.from({ length: outSize * outSize }, (_, to) =>
    input.reduce((sum, value, from) => {
      const place = kernelIndex(to, from);
      return place === null ? sum : sum + value * kernel[place]!;
    }, 0),
  );
}

const numbers = (text: string | undefined, count: number, fallback: readonly number[]): number[] => {
  const values = (text ?? '').split(',').map(Number);
  return values.length === count && values.every(Number.isFinite) && text !== '' ? values : [...fallback];
};
const short = (value: number): string => String(Math.round(value * 100) / 100);

/** Fills the room. */
export function open(context: RoomContext): void {
  const { place, values, signal } = context;
  const input = numbers(values['in'], inSize ** 2, [1, 2, 3, 4]);
  const kernel = numbers(values['k'], kernelSize ** 2, [1, 0, -1, 2, 1, 0, 0, 1, 2]);
  const outputs: HTMLTableCellElement[] = [];
  const weights: HTMLTableCellElement[][] = [];

  /** Highlights an output position and its row of the matrix; null highlights nothing. */
  const light = (lit: number | null): void => {
    outputs.forEach((cell, to) => cell.classList.toggle('lit', to === lit));
    weights.forEach((row, to) =>
      row.forEach((cell) => cell.classList.toggle('lit', to === lit && !cell.classList.contains('zero'))),
    );
  };
  const update = (): void => {
    transposedConvolution(input, kernel).forEach((value, to) => (outputs[to]!.textContent = short(value)));
    weights.forEach((row, to) =>
      row.forEach((cell, from) => {
        const at = kernelIndex(to, from);
        cell.textContent = at === null ? '0' : short(kernel[at]!);
      }),
    );
    note({ in: input.join(','), k: kernel.join(',') });
  };
  const editable = (list: number[], size: number, name: string): HTMLElement =>
    make(
      'table',
      { class: 'matrix' },
      make('caption', { text: name }),
      ...Array.from({ length: size }, (_, row) =>
        make(
          'tr',
          {},
          ...Array.from({ length: size }, (__, column) => {
            const at = row * size + column;
            const field = make('input', {
              attributes: {
                type: 'number',
                step: 'any',
                value: `${list[at]}`,
                'aria-label': `${name}, row ${row + 1}, column ${column + 1}`,
              },
              on: {
                input: () => {
                  const value = Number(field.value);
                  if (field.value === '' || !Number.isFinite(value)) return;
                  list[at] = value;
                  update();
                },
              },
            });
            return make('td', {}, field);
          }),
        ),
      ),
    );
  const output = make(
    'table',
    { class: 'matrix' },
    make('caption', { text: 'Output, 4x4' }),
    ...Array.from({ length: outSize }, (_, row) =>
      make(
        'tr',
        {},
        ...Array.from({ length: outSize }, (__, column) => {
          const to = row * outSize + column;
          const cell = make('td', { on: { mouseenter: () => light(to), mouseleave: () => light(null) } });
          outputs[to] = cell;
          return cell;
        }),
      ),
    ),
  );
  const matrix = make(
    'table',
    { class: 'matrix' },
    make('caption', { text: 'Matrix, 16x4' }),
    ...Array.from({ length: outSize ** 2 }, (_, to) => {
      weights[to] = Array.from({ length: inSize ** 2 }, (__, from) =>
        make('td', { ...(kernelIndex(to, from) === null && { class: 'zero' }) }),
      );
      return make(
        'tr',
        { on: { mouseenter: () => light(to), mouseleave: () => light(null) } },
        make('th', { text: `${to + 1}`, attributes: { scope: 'row' } }),
        ...weights[to]!,
      );
    }),
  );
  const layers = make('div', {});
  place.append(
    lead(
      'A generator starts from a list of numbers and makes it larger, layer by layer, until it is a picture. Each layer is a ' +
        'transposed convolution: each input number stamps a copy of the kernel, multiplied by that number, onto the output. ' +
        'Overlaps add up.',
    ),
    layers,
    make('h3', { text: 'One layer, small enough to count' }),
    make('p', { class: 'lead', text: 'Change a number and watch the output.' }),
    make(
      'div',
      { class: 'side' },
      editable(input, inSize, 'Input, 2x2'),
      editable(kernel, kernelSize, 'Kernel, 3x3'),
      output,
    ),
    make('h3', { text: 'The same step as a matrix' }),
    make('p', {
      class: 'lead',
      text:
        'Write the output as a list of 16 numbers: it is a matrix times the 4 inputs. Most of the matrix is 0, and the rest repeats ' +
        "the kernel's 9 numbers, so a layer needs few weights. Point at a number of the output to see its row.",
    }),
    make('div', { class: 'scroll' }, matrix),
  );
  update();
  showLayers(layers, context).catch((error: unknown) => {
    if (!signal.aborted) layers.replaceChildren(errorBox(error));
  });
}

/** Number of maps shown of each layer. */
const mapsShown = 12;

/** The generator layer by layer, with its real activations for one picture. */
async function showLayers(
  place: HTMLElement,
  { generator, first, values, signal }: RoomContext,
): Promise<void> {
  const { activations, masked } = generator.model.files;
  if (activations === undefined && masked === undefined) {
    place.append(lacking(generator.model, 'show its layers', 'activations'));
    return;
  }
  let seed = wholeNumber(values['seed'], first);
  const rows = make('div', {});
  const draw = async (): Promise<void> => {
    const layers = await generator.layers({ source: seed, signal });
    rows.replaceChildren(
      make('p', { class: 'lead', text: `Picture ${seed} starts as ${generator.model.latent.dim} numbers.` }),
      ...layers.map((layer) => {
        const isPicture = layer.name === 'images';
        const maps = isPicture ? [imageOfLayer(layer)] : strongestMaps(layer, mapsShown);
        const what = isPicture ? 'the picture' : `${layer.channels} maps; the ${maps.length} that vary most`;
        return make(
          'figure',
          { class: 'layer' },
          make('figcaption', { text: `${layer.size}x${layer.size}: ${what}` }),
          make(
            'div',
            { class: 'maps' },
            ...maps.map((map) => {
              const canvas = canvasOf(map);
              canvas.setAttribute('aria-hidden', 'true');
              return canvas;
            }),
          ),
        );
      }),
    );
  };
  place.append(
    make('h3', { text: 'A picture grows' }),
    bar(
      button('Another picture', () => {
        seed = randomSeed();
        note({ seed: `${seed}` });
        draw().catch((error: unknown) => signal.aborted || rows.replaceChildren(errorBox(error)));
      }),
    ),
    rows,
  );
  await draw();
}

/** The maps of the channels with the largest range of values. */
function strongestMaps(layer: LayerActivation, count: number): ImageData[] {
  const maps = Array.from({ length: layer.channels }, (_, channel) => mapOf(layer, channel));
  maps.sort((a, b) => b.max - b.min - (a.max - a.min));
  return maps.slice(0, count).map(({ image }) => image);
}
