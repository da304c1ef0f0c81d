// The sheet, tables and summary of the effect of dropping filters.
import { imageShape } from '../../config/image-size.ts';
import type { TrainConfig } from '../../config/fields.ts';
import type { AttributeClassifier } from '../attributes/attribute-classifier.ts';
import { cellOf, type DrawingFilters } from './drawing-filters.ts';
import { randomDraws, type DropOutcome } from './drop-filters.ts';
import type { FindingPart } from '../../findings/part.ts';
import type { HiddenLayer } from '../../training/architectures/inside.ts';
import { drawSheet, pictureAt, type Picture } from '../../pictures/sheet.ts';

/** The content of the sheet. */
export interface DropReport {
  readonly config: TrainConfig;
  readonly layer: HiddenLayer;
  readonly classifier: AttributeClassifier;
  readonly attribute: number;
  readonly found: DrawingFilters;
  readonly outcome: DropOutcome;
  /** Number of samples that the filters were found on. */
  readonly samples: number;
}

/** Images per row: with the attribute, and without it. */
const shown = { having: 10, lacking: 4 } as const;

/** The part of the finding: a sheet of images, three tables, and their data. */
export async function dropPart(report: DropReport): Promise<FindingPart> {
  const { layer, classifier, attribute, found, outcome, samples } = report;
  const { attributes, quality } = classifier;
  const { name } = attributes[attribute]!;
  const { before, droppings } = outcome;
  const final = droppings.at(-1)!;
  const count = outcome.has.length;
  const label = `${layer.name} has ${layer.filters} filters, ${found.filters.length} of positive weight`;
  const cells = (counts: readonly number[]): number => Number(counts[attribute]!.toFixed(1));
  const share = (value: number): number => Number(value.toFixed(3));
  return {
    sentence:
      `${label} in a logistic regression that predicts ${name} in ${samples} images (${found.having} have it; accuracy ` +
      `${(100 * found.accuracy).toFixed(1)}% on held-out images). ${name}: ${cells(before.attributes)} of ${count} new images before, ` +
      `${cells(final.without.attributes)} with ${final.dropped} of these filters off, ` +
      `${cells(final.control.attributes)} with ${final.dropped} random filters off. Of the other predictions ` +
      `${(100 * final.without.othersMoved).toFixed(1)}% and ${(100 * final.control.othersMoved).toFixed(1)}% change.`,
    pictures: [
      {
        file: `drop-${fileName(name)}.png`,
        content: await sheet(report),
        caption: `New images before, without the ${final.dropped} filters of ${layer.name} that draw ${name}, and without ${final.dropped} random ones`,
      },
    ],
    tables: [
      {
        caption: `Number of ${count} new images with ${name} by the classifier, and fraction of other predictions that change; random: mean of ${randomDraws} choices`,
        columns: ['filters off', name, 'others changed', `${name}, random off`, 'others changed, random off'],
        rows: [
          [0, cells(before.attributes), 0, cells(before.attributes), 0],
          ...droppings.map(({ dropped, without, control }) => [
            dropped,
            cells(without.attributes),
            share(without.othersMoved),
            cells(control.attributes),
            share(control.othersMoved),
          ]),
        ],
      },
      {
        caption: `Number of ${count} images with each attribute, ${final.dropped} filters off (continuous attributes: above the middle)`,
        columns: ['attribute', 'classifier', 'before', 'filters off', 'random off'],
        rows: attributes.map((each, a) => [
          each.name,
          share(quality[each.name] ?? NaN),
          before.attributes[a]!,
          final.without.attributes[a]!,
          Number(final.control.attributes[a]!.toFixed(1)),
        ]),
      },
      {
        caption: `The filters of ${layer.name} with the largest weights for ${name}`,
        columns: ['filter', 'weight'],
        rows: found.filters.slice(0, 16).map(({ filter, weight }) => [filter, share(weight)]),
      },
    ],
    data: {
      attribute: name,
      layer: layer.name,
      width: layer.filters,
      samples,
      having: found.having,
      accuracy: found.accuracy,
      filters: found.filters,
      cellsInBox: found.box.isInside.filter(Boolean).length,
      cells: layer.size[0] * layer.size[1],
      count,
      before: byName(classifier, before.attributes),
      droppings: droppings.map(({ dropped, without, control }) => ({
        dropped,
        without: { counts: byName(classifier, without.attributes), othersMoved: without.othersMoved },
        random: { counts: byName(classifier, control.attributes), othersMoved: control.othersMoved },
      })),
    },
  };
}

/** An attribute's name as part of a file name. */
export function fileName(attribute: string): string {
  return attribute.replaceAll(/[^A-Za-z0-9]+/g, '-');
}

function byName({ attributes }: AttributeClassifier, counts: readonly number[]): Record<string, number> {
  return Object.fromEntries(attributes.map(({ name }, a) => [name, counts[a]!]));
}

function sheet({ config, layer, classifier, attribute, found, outcome }: DropReport): Promise<Uint8Array> {
  const shape = imageShape(config);
  const { name } = classifier.attributes[attribute]!;
  const { has, pictures, droppings } = outcome;
  const { dropped } = droppings.at(-1)!;
  const indices = has.map((_, i) => i);
  const having = indices.filter((i) => has[i]).slice(0, shown.having);
  const lacking = indices.filter((i) => !has[i]).slice(0, shown.lacking);
  const groups = (images: Float32Array): Picture[][] =>
    [having, lacking].map((some) => some.map((i) => pictureAt(images, i, shape)));
  const { meanWith, meanWithout, isInside } = found.box;
  const isOutside = (p: number): boolean =>
    !isInside[cellOf(Math.floor(p / shape.channels), shape, layer.size)];
  const boxed = meanWith.map((value, p) => (isOutside(p) ? NaN : value));
  const means = [meanWith, meanWithout, boxed].map((mean) => [pictureAt(mean, 0, shape)]);
  return drawSheet(
    [
      { heading: `mean with ${name}, mean without, where they differ` },
      { label: '', groups: means },
      { heading: `new pictures: with ${name}, and without` },
      { label: 'before', groups: groups(pictures.before) },
      { label: `${dropped} off`, groups: groups(pictures.without) },
      { label: 'random', groups: groups(pictures.control) },
    ],
    Math.max(1, Math.round(64 / Math.max(shape.width, shape.height))),
  );
}
