// The room of filters. A click switches a filter of the generator off, and the pictures change. A sheet made by the trainer shows what each
// filter of the discriminator reacts to.
import type { LayerActivation } from '../../runtime-web/index.ts';
import { mapOf } from '../layer-maps.ts';
import { picturesOf, pictureUrl, type FilterGroup, type ModelPictures } from '../pictures.ts';
import { redrawer } from '../redraw.ts';
import type { RoomContext } from '../room.ts';
import { toggleGrid } from '../toggle-grid.ts';
import { canvasOf, lacking, lead, make, show, statusLine } from '../page.ts';
import { note, randomSeed, wholeNumbers } from '../state.ts';
import { bar, button, select } from '../widgets.ts';

const maxPictures = 6;

/** Fills the room. */
export async function open(context: RoomContext): Promise<void> {
  const { place, generator, model, signal } = context;
  place.append(
    lead(
      'Each layer of the generator has filters, and each filter draws one thing wherever it belongs: an edge, a colour, a part ' +
        'of a face. Switch some off and see what the pictures lose.',
    ),
  );
  const pictures = await picturesOf(model, signal);
  if (signal.aborted) return;
  if (generator.model.files.masked === undefined)
    place.append(lacking(generator.model, 'switch filters off', 'masked'));
  else await switchFilters(context, pictures?.groups ?? []);
  if (pictures?.sheet != null && !signal.aborted) place.append(...sheetOf(model, pictures.sheet));
}

/** The generator's filters as switches, and pictures with all filters beside pictures without the switched-off ones. */
async function switchFilters(
  { place, generator, first, values, signal }: RoomContext,
  groups: readonly FilterGroup[],
): Promise<void> {
  let seeds = wholeNumbers(
    values['seeds'],
    [0, 1, 2, 3, 4, 5].map((seed) => first + seed),
  ).slice(0, maxPictures);
  const layersOf = async (): Promise<LayerActivation[]> =>
    (await generator.layers({ source: seeds[0]!, signal })).filter(({ name }) => name !== 'images');
  let layers = await layersOf();
  const fallback = groups[0]?.layer ?? layers.at(-2)?.name;
  const named = (name: string | undefined) => layers.find((each) => each.name === name);
  let layer = named(values['layer']) ?? named(fallback) ?? layers[0]!;
  const off = new Set(wholeNumbers(values['off'], []).filter((filter) => filter < layer.channels));

  const pairs = make('div', { class: 'pairs' });
  const status = statusLine();
  const switchboard = make('div', {});
  const draw = redrawer(async () => {
    const mask = Array.from({ length: layer.channels }, (_, filter) => Number(!off.has(filter)));
    const drawn = [...seeds];
    const before = await generator.generate({ seeds: drawn, signal });
    const after = await generator.generate({ seeds: drawn, masks: { [layer.name]: mask }, signal });
    fillPairs(pairs, drawn, before, after);
    status.textContent = `Left: all filters. Right: without ${off.size} of the ${layer.channels} filters of ${shortName(layer)}.`;
  }, signal);
  const noted = (): void => {
    note({ layer: layer.name, off: [...off].sort((a, b) => a - b).join(','), seeds: seeds.join(',') });
    void draw();
  };
  const switches = (): void => {
    switchboard.replaceChildren(
      toggleGrid({
        name: `Filters of ${shortName(layer)}`,
        count: layer.channels,
        canvasOf: (filter) => canvasOf(mapOf(layer, filter).image),
        isOn: (filter) => off.has(filter),
        label: (filter) => `Switch filter ${filter} off`,
        onToggle(filter, isOff) {
          if (isOff) off.add(filter);
          else off.delete(filter);
          noted();
        },
      }),
    );
  };
  const setOff = (filters: readonly number[]): void => {
    off.clear();
    for (const filter of filters) off.add(filter);
    switches();
    noted();
  };
  const choice = select(
    'Layer',
    layers.map((each) => [
      each.name,
      `${shortName(each)}: ${each.channels} filters, ${each.size}x${each.size}`,
    ]),
    layer.name,
    (name) => {
      layer = named(name) ?? layer;
      setOff([]);
    },
  );
  place.append(
    pairs,
    status,
    bar(
      choice.element,
      button('All on', () => setOff([]), true),
      button('Every other off', () =>
        setOff(Array.from({ length: layer.channels >> 1 }, (_, i) => 2 * i + 1)),
      ),
      button('Other pictures', () => {
        seeds = seeds.map(() => randomSeed());
        noted();
        void layersOf().then((found) => {
          layers = found;
          layer = named(layer.name)!;
          switches();
        });
      }),
    ),
    ...groups.map((group) =>
      groupOf(group, () => {
        layer = named(group.layer) ?? layer;
        choice.choose(layer.name);
        setOff(group.filters);
      }),
    ),
    make('p', {
      class: 'lead',
      text: 'The output of each filter for the first picture, bright where it is high. Click a filter to switch it off; arrow keys move between filters.',
    }),
    switchboard,
  );
  switches();
  await draw();
}

function groupOf(
  { name, filters, of, before, after, random }: FilterGroup,
  onClick: () => void,
): HTMLElement {
  return make(
    'p',
    { class: 'bar' },
    button(`Forget ${name}`, onClick),
    make('span', {
      text:
        `${name[0]!.toUpperCase()}${name.slice(1)}: ${before} of ${of} faces before, ${after} after. ` +
        `(${filters.length} random filters off: ${random}.)`,
    }),
  );
}

/** Fills in pairs: a picture with all filters, and the same picture without some of them. */
function fillPairs(
  pairs: HTMLElement,
  seeds: readonly number[],
  before: readonly ImageData[],
  after: readonly ImageData[],
): void {
  if (pairs.childElementCount !== seeds.length) {
    pairs.replaceChildren(
      ...seeds.map((_, i) =>
        make(
          'figure',
          {},
          make('div', { attributes: { role: 'img' } }, canvasOf(before[i]!), canvasOf(after[i]!)),
          make('figcaption', {}),
        ),
      ),
    );
  }
  seeds.forEach((seed, i) => {
    const figure = pairs.children[i]!;
    const [left, right] = figure.querySelectorAll('canvas');
    show(left!, before[i]!);
    show(right!, after[i]!);
    figure.firstElementChild!.setAttribute(
      'aria-label',
      `Picture ${seed} with all filters, and without some`,
    );
    figure.lastElementChild!.textContent = `Picture ${seed}`;
  });
}

const shortName = ({ name }: Pick<LayerActivation, 'name'>): string => name.replace('generator/', '');

/** The sheet of the discriminator's filters. */
function sheetOf(model: string, sheet: NonNullable<ModelPictures['sheet']>): HTMLElement[] {
  const { file, layer, sees, width, height } = sheet;
  return [
    make('h3', { text: 'What the discriminator looks at' }),
    make('p', {
      class: 'lead',
      text:
        `Each row is a filter of ${layer.replace('discriminator/', '')}. Left: the patches of real pictures, ${sees} pixels wide, ` +
        'to which it reacts most strongly. Right: the pixels that cause the reaction (guided backpropagation). The rows below ' +
        'belong to an untrained network: it also reacts to some patches, but to nothing recognisable in them.',
    }),
    make(
      'div',
      {
        class: 'scroll',
        attributes: { tabindex: '0', role: 'region', 'aria-label': 'The sheet of filters' },
      },
      make('img', {
        class: 'sheet',
        attributes: {
          src: pictureUrl(model, file),
          width: `${width}`,
          height: `${height}`,
          loading: 'lazy',
          alt: 'For each filter the patches that it reacts to, and the pixels that cause the reaction; below, the same for random weights',
        },
      }),
    ),
  ];
}
