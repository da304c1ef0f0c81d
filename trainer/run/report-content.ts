// The content of a run's report as plain data, which the page draws: the same for the file and for the live page.
import { basename, dirname } from 'node:path';
import { sizeText } from '../../runtime-web/format/image-shape.ts';
import type { ConfigKey, TrainConfig } from '../config/fields.ts';
import { configKeys, defaultConfig, exclusive, fieldOf } from '../config/fields.ts';
import { imageShape } from '../config/image-size.ts';
import { shownValue } from '../config/shown-value.ts';
import type { EmbeddedFinding } from '../findings/findings.ts';
import { evaluationText } from '../metrics/evaluation.ts';
import { changeText, type ConfigChange, type ConfigChanges } from './config-history.ts';
import { discriminatorOutputs } from './discriminator-outputs.ts';
import { formatDuration } from './duration.ts';
import type { Best } from './evaluations.ts';
import type { Session, SessionEnd } from './sessions.ts';
import type { StatsLine } from './stats.ts';
import { verdictOf } from './verdict.ts';

/** Limit of the points of a curve, so that a page opens at once. */
const maxPoints = 1500;

/** A grid of samples; `source` is its image's URL, in the file a data URI. */
export interface ReportGrid {
  readonly step: number;
  readonly source: string;
}

/** Everything that a report is made of. */
export interface ReportInput {
  readonly name: string;
  readonly config: TrainConfig;
  readonly lines: readonly StatsLine[];
  readonly grids: readonly ReportGrid[];
  /** The classes of the grids' columns; null (the default) for grids that are about square. */
  readonly columnNames?: readonly string[] | null;
  /** The URL of real images; null (the default) without any. */
  readonly reals?: string | null;
  /** Null for content that replaces some with the same findings. Default: none. */
  readonly findings?: readonly EmbeddedFinding[] | null;
  /** The best evaluation; null (the default) without evaluations. */
  readonly best?: Best | null;
  /** The settings that a resumed run has changed. Default: none. */
  readonly history?: readonly ConfigChanges[];
  /** The sessions of training, oldest first. Default: none, as in runs of earlier versions. */
  readonly sessions?: readonly Session[];
  /** True if the run folder has a model package. Default false. */
  readonly hasModel?: boolean;
  /** The time of this version of the report. */
  readonly writtenAt?: Date;
}

/** A command with the reason to use it. */
interface ShownCommand {
  readonly about: string;
  /** Lines for a shell, or for a page if `isMarkup` is set. */
  readonly lines: readonly string[];
  readonly isMarkup?: true;
}

/** The page's data, plain JSON. */
export function reportContent(run: ReportInput) {
  const { name, config, lines, grids, reals = null, findings = [], best = null, history = [] } = run;
  const { sessions = [], hasModel = false, writtenAt = new Date(), columnNames = null } = run;
  const last = lines.at(-1);
  const shape = imageShape(config);
  const points = thin(lines, maxPoints);
  const column = (key: keyof StatsLine): unknown[] => points.map((line) => line[key] ?? null);
  const warned = lines.find((line) => line.collapse !== null);
  const newest = sessions.at(-1) ?? null;
  return {
    name,
    summary: `${sizeText(shape).replace('x', '×')}×${config.channels}, trained on ${basename(config.data)}${startText(config)}`,
    verdict: verdictOf(lines, config),
    alert: warned === undefined ? null : `First sign, at step ${warned.step}: ${warned.collapse ?? ''}.`,
    state: { ...stateOf(newest, last?.step ?? 0), at: newest?.ended?.at ?? writtenAt.toISOString() },
    facts: last === undefined ? [] : factsOf(lines, last),
    best:
      best && `The best step is ${best.step}: ${evaluationText(best.evaluation)}. ${exportedText(config)}`,
    provenance: sessions.length === 0 ? null : provenanceOf(sessions),
    step: last?.step ?? 0,
    columns: columnNames?.length ?? Math.ceil(Math.sqrt(config.sampleCount)),
    columnNames,
    samples: config.sampleCount,
    /** Width of an image divided by its height. */
    aspect: shape.width / shape.height,
    grids,
    reals,
    findings,
    outputs: discriminatorOutputs[config.objective],
    network: lines.findLast((line) => line.network != null)?.network ?? null,
    bestStep: best?.step ?? null,
    adaTarget: config.adaTarget,
    stats: {
      step: column('step'),
      dLoss: column('dLoss'),
      gLoss: column('gLoss'),
      dReal: column('dReal'),
      dFake: column('dFake'),
      augmentProbability: column('augmentProbability'),
      dSign: column('dSign'),
      diversity: column('diversity'),
      frechet: column('frechet'),
      kid: column('kid'),
      precision: column('precision'),
      recall: column('recall'),
      imagesPerSecond: column('imagesPerSecond'),
    },
    next: newest === null ? [] : nextCommands(newest, hasModel),
    repeat: newest?.commands.repeat ?? null,
    history: history.map(({ step, changes }) => `From step ${step}: ${changes.map(shownChange).join(', ')}`),
    config: configByGroup(config),
  };
}

/** The data of {@link reportContent}. */
export type ReportContent = ReturnType<typeof reportContent>;

/** The state of a run in words; `isTraining` is true until it has ended. */
function stateOf(
  session: Session | null,
  step: number,
): { readonly text: string; readonly isTraining: boolean } {
  const steps = `${step.toLocaleString('en')} ${step === 1 ? 'step' : 'steps'}`;
  if (session === null) return { text: `After ${steps}`, isTraining: false };
  const { ended } = session;
  if (ended === null) return { text: `In training, after ${steps}`, isTraining: true };
  const reason = ended.reason === null ? '' : `: ${ended.reason}`;
  const texts: Readonly<Record<SessionEnd['how'], string>> = {
    finished: `Training has ended, after ${steps}`,
    'out of patience': `Training has ended, after ${steps}: it no longer improved (--patience)`,
    interrupted: `Training was stopped, after ${steps}`,
    failed: `Training has failed, after ${steps}${reason}`,
  };
  return { text: texts[ended.how], isTraining: false };
}

/** Dates, version, engine and machine, as terms with their values; `at` values are ISO dates. */
function provenanceOf(sessions: readonly Session[]) {
  const newest = sessions.at(-1)!;
  const { engine, threads, processor, version, ...others } = newest.engine;
  const details = Object.entries(others).map(([key, value]) => `${key} ${value}`);
  return {
    startedAt: sessions[0]!.startedAt,
    resumedAt: sessions.slice(1).map(({ startedAt, step }) => ({ at: startedAt, step })),
    facts: [
      ['Version', `dcgan ${newest.version}`],
      ['Engine', [engine, version, ...details].filter((part) => part !== undefined).join(', ')],
      ...(threads === undefined ? [] : [['Threads', String(threads)]]),
      ['Processor', String(processor ?? 'not known')],
      ...(sessions[0]!.recipe ?? []).map((line, i) => [i === 0 ? 'Recipe' : '', line]),
    ],
  };
}

/** The commands to go on with: those of the model once there is one. */
function nextCommands({ commands, ended }: Session, hasModel: boolean): readonly ShownCommand[] {
  if (ended === null) return [];
  const { resume, extend, sample, walk, evaluate, embed } = commands;
  if (!hasModel) {
    return [
      { about: 'Train on', lines: [resume] },
      { about: 'Make a model now', lines: [commands.export] },
    ];
  }
  return [
    { about: 'Generate images', lines: [sample] },
    { about: 'Make a film of a walk between images', lines: [walk] },
    { about: 'Measure the distance from the training images', lines: [evaluate] },
    { about: 'Put the model beside a page', lines: embed },
    {
      about: 'Show it in that page',
      lines: [
        '<script type="module" src="dcgan-viewer/element.js"></script>',
        '<dcgan-viewer src="model/model.json" alt="A generated image" mode="walk" playing controls></dcgan-viewer>',
      ],
      isMarkup: true,
    },
    { about: 'Train on, to twice the length', lines: [extend] },
  ];
}

/** A change in words; places on this machine by their names alone, because the page is made to be shared. */
function shownChange({ key, from, to }: ConfigChange): string {
  const [before, after] = [shownValue(key, from), shownValue(key, to)];
  return changeText({ key, from: before, to: after });
}

/** `, starting from the weights of 00001-avatars-dcgan-relativistic (best)`; nothing for random weights. */
function startText({ from }: TrainConfig): string {
  if (from === null) return '';
  return `, starting from the weights of ${basename(dirname(dirname(from)))} (${basename(from, '.safetensors')})`;
}

function exportedText({ export: chosen }: TrainConfig): string {
  return chosen === 'best' ? 'It becomes the model.' : 'The last step becomes the model (--export last).';
}

function factsOf(lines: readonly StatsLine[], last: StatsLine): readonly (readonly [string, string])[] {
  const show = (value: number): string => value.toLocaleString('en', { maximumFractionDigits: 0 });
  return [
    ['Steps', show(last.step)],
    ['Images shown', show(last.images)],
    ['Images per second', show(meanRate(lines))],
    ['Time', formatDuration(last.secondsElapsed)],
  ];
}

/** Images per second of the steps alone, over all lines. */
function meanRate(lines: readonly StatsLine[]): number {
  let before = 0;
  let seconds = 0;
  for (const { images, imagesPerSecond } of lines) {
    if (imagesPerSecond > 0) seconds += (images - before) / imagesPerSecond;
    before = images;
  }
  return seconds > 0 ? before / seconds : 0;
}

/** At most `count` of the items, evenly spread, including the first and the last. */
function thin<T>(items: readonly T[], count: number): readonly T[] {
  if (items.length <= count) return items;
  return Array.from({ length: count }, (_, i) => items[Math.round((i * (items.length - 1)) / (count - 1))]!);
}

/** The configuration by group; values that differ from the default are marked. Of exclusive keys, only the run's is there. */
function configByGroup(config: TrainConfig): readonly (readonly [string, readonly object[]])[] {
  const shown = configKeys.filter(
    (key) => config[key] !== null || !exclusive.some(({ keys }) => keys.includes(key)),
  );
  const groups = [...new Set(shown.map((key) => fieldOf(key).group))];
  const entry = (key: ConfigKey): object => ({
    key,
    value: shownValue(key, config[key]),
    isChanged: config[key] !== defaultConfig[key],
  });
  return groups.map((group) => [group, shown.filter((key) => fieldOf(key).group === group).map(entry)]);
}
