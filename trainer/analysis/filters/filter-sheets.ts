// Parts of the finding of `visualise`: sheets, tables and summaries about filters.
import type { TrainConfig } from '../../config/fields.ts';
import type { NamedHostTensors } from '../../engine/engine.ts';
import type { FindingTable } from '../../findings/findings.ts';
import type { ChannelDrawing } from './channel-drawings.ts';
import type { FeatureComparison, LayerFeatures } from './discriminator-features.ts';
import type { FindingPart } from '../../findings/part.ts';
import type { HiddenLayer, Inside } from '../../training/architectures/inside.ts';
import { drawingKernels, seeingKernels } from './kernel-pictures.ts';
import { drawSheet, type Picture, type SheetRow } from '../../pictures/sheet.ts';

const rounded = (value: number, digits = 3): number => Number(value.toFixed(digits));

/** Scale that makes images about `side` pixels wide. */
const scaleFor = (width: number, side: number): number => Math.max(1, Math.round(side / width));

/**
 * D's filters: image regions with the strongest responses and their guided gradients, trained above and random below.
 */
export async function featurePart(
  layer: string,
  comparison: FeatureComparison,
  searched: string,
): Promise<FindingPart> {
  const { trained, random, receptiveField, width } = comparison;
  const rowsOf = (heading: string, { features }: LayerFeatures): SheetRow[] => [
    { heading },
    ...features.map(({ filter, seen, guided }, i) => ({
      label: `${filter}`,
      groups: [seen, guided],
      ...(i === 0 && { above: ['strongest responses', 'guided gradients'] }),
    })),
  ];
  const short = layer.replace('discriminator/', '');
  const content = await drawSheet(
    [
      ...rowsOf(`discriminator ${short}: trained`, trained),
      ...rowsOf(`discriminator ${short}: random weights`, random),
    ],
    scaleFor(receptiveField, 46),
  );
  const hasAttributes = trained.meanArea !== null;
  const table = (caption: string, { features }: LayerFeatures): FindingTable => ({
    caption,
    columns: [
      'filter',
      'strongest responses',
      ...(hasAttributes ? ['best attribute', 'area', 'have it', 'of all'] : []),
    ],
    rows: features.map(({ filter, responses, bestAttribute }) => [
      filter,
      `${rounded(responses.at(-1)!.value, 2)} to ${rounded(responses[0]!.value, 2)}`,
      ...(bestAttribute === null
        ? []
        : [
            bestAttribute.attribute,
            rounded(bestAttribute.area),
            `${bestAttribute.among} of ${responses.length}`,
            `${(100 * bestAttribute.share).toFixed(0)}%`,
          ]),
    ]),
  });
  const areas = hasAttributes
    ? ` A filter's strongest response predicts its best attribute with a mean area under the ROC curve of ` +
      `${trained.meanArea.toFixed(3)} over all ${width} filters (random weights: ${random.meanArea!.toFixed(3)}).`
    : '';
  const json = ({ features, meanArea }: LayerFeatures) => ({
    meanArea,
    filters: features.map(({ filter, responses, bestAttribute }) => ({
      filter,
      responses,
      tells: bestAttribute,
    })),
  });
  return {
    sentence:
      `The regions of ${searched} with the strongest responses of ${layer}'s filters, and their guided gradients: gradients ` +
      `at the image, with negative ones set to 0 at each rectifier.${areas}`,
    pictures: [
      {
        file: `discriminator-${short}.png`,
        content,
        caption: `Regions with the strongest responses and their guided gradients for ${trained.features.length} filters of ${layer}: trained above, random weights below`,
      },
    ],
    tables: [table(`${layer}, trained`, trained), table(`${layer}, random weights`, random)],
    data: {
      discriminator: { layer, sees: receptiveField, width, trained: json(trained), random: json(random) },
    },
  };
}

/** The filters next to the image in both networks, trained and at initialisation. */
export async function kernelPart(
  config: TrainConfig,
  { seeing, drawing }: NonNullable<Inside['kernels']>,
  trained: NamedHostTensors,
  untrained: NamedHostTensors,
): Promise<FindingPart> {
  const perRow = 16;
  const rowsOf = (pictures: readonly Picture[]): SheetRow[] =>
    Array.from({ length: Math.ceil(pictures.length / perRow) }, (_, i) => ({
      groups: [pictures.slice(i * perRow, (i + 1) * perRow)],
    }));
  const content = await drawSheet(
    [
      { heading: 'discriminator, first layer: trained' },
      ...rowsOf(seeingKernels(trained[seeing]!)),
      { heading: 'the same with random weights' },
      ...rowsOf(seeingKernels(untrained[seeing]!)),
      { heading: 'generator, last layer: trained' },
      ...rowsOf(drawingKernels(config, trained[drawing]!)),
      { heading: 'the same with random weights' },
      ...rowsOf(drawingKernels(config, untrained[drawing]!)),
    ],
    8,
  );
  return {
    sentence: "The kernels of D's first and G's last layer are shown as small images.",
    pictures: [
      {
        file: 'kernels.png',
        content,
        caption: "Kernels of D's first layer and of G's last one, each stretched to its own largest weight",
      },
    ],
    tables: [],
    data: {},
  };
}

/** The images that the filters of a hidden layer of G draw. */
export async function drawingPart(
  { name, filters }: HiddenLayer,
  { effects, drawings }: { readonly effects: Float64Array; readonly drawings: readonly ChannelDrawing[] },
): Promise<FindingPart> {
  const short = name.replace('generator/', '');
  const size = drawings[0]!.examples[0]!.before.width;
  const rows = drawings.map(({ filter, alone, examples }, i): SheetRow => ({
    label: `${filter}`,
    groups: [
      [enlarged(alone, size)],
      ...examples.map(({ before, after, difference }) => [before, after, difference]),
    ],
    ...(i === 0 && { above: ['alone', ...examples.map(() => 'on, off, change')] }),
  }));
  const content = await drawSheet(
    [{ heading: `generator ${short}: filters with the largest effect` }, ...rows],
    scaleFor(size, 64),
  );
  return {
    sentence: `${name}'s filters are switched on alone, and off one by one. Without the strongest one a pixel in [-1, 1] changes by ${drawings[0]!.effect.toFixed(3)} on average; the median filter changes it by ${median(effects).toFixed(3)}.`,
    pictures: [
      {
        file: `generator-${short}.png`,
        content,
        caption: `${drawings.length} of ${filters} filters of ${name}: the image of one unit alone, then images with the filter, without it, and the difference`,
      },
    ],
    tables: [
      {
        caption: `${name}: mean change of a pixel in [-1, 1] without the filter`,
        columns: ['filter', 'change'],
        rows: drawings.map(({ filter, effect }) => [filter, rounded(effect, 4)]),
      },
    ],
    data: { generator: { layer: name, effects: Array.from(effects, (effect) => rounded(effect, 5)) } },
  };
}

function median(values: Float64Array): number {
  return values.slice().sort()[Math.floor(values.length / 2)]!;
}

/** The image enlarged by a whole factor to fit into a square of `size`, with a white border. */
function enlarged({ height, width, channels, data }: Picture, size: number): Picture {
  const scale = Math.max(1, Math.floor(size / Math.max(height, width)));
  const large = new Float32Array(size * size * channels).fill(NaN);
  const [top, left] = [Math.floor((size - height * scale) / 2), Math.floor((size - width * scale) / 2)];
  for (let y = 0; y < height * scale; y++) {
    for (let x = 0; x < width * scale; x++) {
      for (let c = 0; c < channels; c++) {
        large[((top + y) * size + left + x) * channels + c] =
          data[(Math.floor(y / scale) * width + Math.floor(x / scale)) * channels + c]!;
      }
    }
  }
  return { height: size, width: size, channels, data: large };
}
