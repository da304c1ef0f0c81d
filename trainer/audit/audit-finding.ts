// The finding of an audit: verdict, reasons, limits, figures and pictures.
import type { ImageShape } from '../../runtime-web/format/image-shape.ts';
import type { Metric } from '../../runtime-web/format/model.ts';
import type { Finding, FindingPicture } from '../findings/findings.ts';
import { gridPng, joinGrids, rowOfImages, type Grid } from '../pictures/grid.ts';
import type { AuditResult } from './audit-run.ts';
import { distributionPicture } from './distribution-picture.ts';
import { inversionSettings } from './invert-images.ts';
import type { NearestShare } from './nearest-share.ts';
import { confidence } from './share-interval.ts';
import {
  estimateText,
  figureNames,
  limitsOf,
  reasonsFor,
  verdictOf,
  type AuditFigures,
  type HeldOutKind,
} from './verdict.ts';

/** The circumstances of an audit, for its protocol. */
export interface AuditFacts {
  /** The model's name. */
  readonly model: string;
  readonly step: number;
  readonly shape: ImageShape;
  readonly trainingName: string;
  readonly heldOutName: string;
  readonly heldOutKind: HeldOutKind;
  /** Images of each side in a draw. */
  readonly heldOut: number;
  readonly draws: number;
  /** Held-out images that were left out because they are training images. */
  readonly shared: number;
  readonly samples: number;
  readonly seed: number;
  /** The feature network's name. */
  readonly network: string;
}

const keys = Object.keys(figureNames) as (keyof AuditFigures)[];

/** The settings and sizes of the measurements. */
export function auditProtocol(
  { trainingName, heldOutName, heldOutKind, heldOut, draws, samples, seed, network, step }: AuditFacts,
  { inversions }: AuditResult,
): Metric['protocol'] {
  return {
    ...{ training: trainingName, heldOut: heldOutName, heldOutKind, imagesOfEachSide: heldOut },
    ...{ draws, samples, firstSeed: seed, network, step, confidence },
    inversionsOfEachSide: inversions?.training.length ?? 0,
    ...(inversions !== null && inversionSettings),
  };
}

/** The figures for `model.json`, each with its interval in the protocol. */
export function auditMetrics(facts: AuditFacts, result: AuditResult): readonly Metric[] {
  const verdict = verdictOf(result.figures);
  return keys.flatMap((key) => {
    const figure = result.figures[key];
    if (figure === null) return [];
    const { value, low, high } = figure;
    return [
      { name: `audit/${key}`, value, protocol: { ...auditProtocol(facts, result), low, high, verdict } },
    ];
  });
}

/** The whole finding. */
export async function auditFinding(facts: AuditFacts, result: AuditResult): Promise<Finding> {
  const { figures, features, pixels, logits, inversions } = result;
  const verdict = verdictOf(figures);
  const reasons = reasonsFor(figures);
  const limits = [
    ...limitsOf(figures, facts),
    ...(
      [
        ['features', features],
        ['pixels', pixels],
      ] as const
    ).flatMap(([name, { effective }]) =>
      effective >= fewestIndependent
        ? []
        : [
            `in ${name} nearly all samples have the same few nearest images (as ${effective.toFixed(1)} independent samples): the generator has collapsed or has not learned, so that share says little`,
          ],
    ),
    ...(result.withoutDiscriminator === null
      ? []
      : [`the discriminator was not asked: ${result.withoutDiscriminator}`]),
  ];
  const distances = ({ share, effective, distanceRatio, copies }: NearestShare) => ({
    share,
    effective,
    distanceRatio,
    copies,
  });
  const errorsOf = (side: 'training' | 'heldOut'): readonly number[] =>
    inversions?.[side].map(({ error }) => error) ?? [];
  return {
    name: 'audit',
    title: 'Does it memorise its training images?',
    step: facts.step,
    summary:
      `Verdict: ${verdict}. ${sentence(reasons)} ` +
      `${facts.samples} samples against ${facts.heldOut} held-out images of ${facts.heldOutName} (${facts.heldOutKind}) and as many training images.`,
    tables: [
      {
        caption: `Figures with their ${100 * confidence}% intervals; 0.5 is chance, 1 is a model that repeats its training images`,
        columns: ['figure', 'value (interval)'],
        rows: keys.map((key) => {
          const figure = figures[key];
          return [figureNames[key], figure === null ? 'not measured' : estimateText(figure)];
        }),
      },
      {
        caption: `Distances of ${facts.samples} samples to the nearest of ${facts.heldOut} training and of ${facts.heldOut} held-out images`,
        columns: ['', 'features', 'pixels'],
        rows: [
          ['median of the two distances, training / held-out', features.distanceRatio, pixels.distanceRatio],
          [
            'samples less than half as far from training images',
            features.copies.training,
            pixels.copies.training,
          ],
          [
            'samples less than half as far from held-out images',
            features.copies.heldOut,
            pixels.copies.heldOut,
          ],
          ['independent samples that the interval counts', features.effective, pixels.effective],
        ],
      },
      ...(inversions === null
        ? []
        : [
            {
              caption: `Error of inverted images, root mean square in levels of 255, ${inversions.training.length} of each side`,
              columns: ['', 'lower quartile', 'median', 'upper quartile'],
              rows: (['training', 'heldOut'] as const).map((side) => [
                side === 'training' ? 'training' : 'held out',
                ...quartiles(errorsOf(side)),
              ]),
            },
          ]),
      { caption: 'What this cannot see', columns: [''], rows: limits.map((limit) => [limit]) },
    ],
    pictures: await picturesOf(facts, result),
    data: {
      verdict,
      reasons,
      limits,
      figures,
      nearest: { features: distances(features), pixels: distances(pixels) },
      logits,
      errors: inversions === null ? null : { training: errorsOf('training'), heldOut: errorsOf('heldOut') },
      protocol: auditProtocol(facts, result),
    },
  };
}

const sentence = (parts: readonly string[]): string => {
  const text = parts.join('; ');
  return `${text[0]!.toUpperCase()}${text.slice(1)}.`;
};

function quartiles(values: readonly number[]): readonly number[] {
  const sorted = values.toSorted((a, b) => a - b);
  return [0.25, 0.5, 0.75].map((share) => sorted[Math.floor(share * (sorted.length - 1))]!);
}

async function picturesOf({ shape }: AuditFacts, result: AuditResult): Promise<FindingPicture[]> {
  const { features, pixels, logits, inversions, picture } = result;
  const scale = Math.max(1, Math.floor(64 / Math.max(shape.width, shape.height)));
  const pairs: FindingPicture[] = [];
  for (const [name, { closest }] of [
    ['features', features],
    ['pixels', pixels],
  ] as const) {
    const rows: Grid[] = [];
    for (const { sample, training, heldOut } of closest) {
      rows.push(
        rowOfImages(
          [picture.sample(sample), await picture.training(training), await picture.heldOut(heldOut)],
          shape,
        ),
      );
    }
    pairs.push({
      file: `nearest-${name}.png`,
      content: await gridPng(joinGrids(rows, 4, 4), scale),
      caption: `Each group: a sample, the nearest of the training images, and the nearest of as many held-out images, by ${name}; the ${closest.length} samples that are nearest to a training image compared with a held-out one.`,
    });
  }
  const plots = [
    ...(logits === null ? [] : [{ title: "The discriminator's logits", ...logits }]),
    ...(inversions === null
      ? []
      : [
          {
            title: 'Errors of inverted images, in levels of 255',
            training: inversions.training.map(({ error }) => error),
            heldOut: inversions.heldOut.map(({ error }) => error),
          },
        ]),
  ];
  if (plots.length > 0) {
    pairs.push({
      file: 'distributions.svg',
      content: distributionPicture(plots),
      caption: 'A dot an image, a line at the median of each side. Sides that overlap tell nothing apart.',
    });
  }
  if (inversions !== null) {
    const rows: Grid[] = [];
    const shown = Math.min(shownInversions, inversions.training.length);
    for (const [side, read] of [
      ['training', picture.training],
      ['heldOut', picture.heldOut],
    ] as const) {
      const originals: Float32Array[] = [];
      for (let i = 0; i < shown; i++) originals.push(await read(i));
      const inverted = inversions[side].slice(0, shown).map((found) => found.picture);
      rows.push(rowOfImages(originals, shape), rowOfImages(inverted, shape));
    }
    pairs.push({
      file: 'inversions.png',
      content: await gridPng(joinGrids(rows, 1, 4), scale),
      caption:
        'Training images, below them what the generator makes of them; then held-out images, and what it makes of those.',
    });
  }
  return pairs;
}

/** Independent samples below which a share says little: the interval of 7 of 7 begins at 0.47. */
const fewestIndependent = 8;
/** Images of each side in the picture of inversions. */
const shownInversions = 12;
