// `report.html`: curves, samples over time, findings and configuration in one file. The chart library and the images are embedded, so
// that it opens without a network.
import { sizeText } from '../../runtime-web/format/image-shape.ts';
import { imageShape } from '../config/image-size.ts';
import { readFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import sharp from 'sharp';
import type { ConfigKey, TrainConfig } from '../config/fields.ts';
import { fieldOf, configKeys, defaultConfig } from '../config/fields.ts';
import { writeFileAtomically } from '../files/atomic-file.ts';
import { embedFindings, type EmbeddedFinding } from '../findings/findings.ts';
import { evaluationText } from '../metrics/evaluation.ts';
import { changeText, readHistory, type ConfigChange, type ConfigChanges } from './config-history.ts';
import type { Best } from './evaluations.ts';
import { readBest } from './find-checkpoint.ts';
import page from './report-page.html' with { type: 'text' };
import type { RunFolder } from './run-folder.ts';
import type { StatsLine } from './stats.ts';

/** Limits that keep the page small enough to open at once: grids, their width in pixels, and points of a curve. */
const maxGrids = 30;
const maxGridWidth = 1024;
const maxPoints = 1500;

/** Writes the page from the run's statistics and the grids and findings in its folder. */
export async function writeReport(
  folder: RunFolder,
  config: TrainConfig,
  lines: readonly StatsLine[],
  cache: GridCache = new Map(),
): Promise<void> {
  const html = renderReport({
    name: basename(folder.path),
    config,
    lines,
    grids: await embedGrids(folder.samples, cache),
    // Runs of earlier versions have none.
    reals: await asWebp(folder.reals).catch(() => null),
    findings: await embedFindings(folder.analysis, lines.at(-1)?.step ?? null),
    best: await readBest(folder),
    history: await readHistory(folder),
  });
  await writeFileAtomically(folder.report, html);
}

/** A grid of samples; `source` is its image as a data URI. */
export interface EmbeddedGrid {
  readonly step: number;
  readonly source: string;
}

/** The page's HTML. */
export function renderReport(run: {
  readonly name: string;
  readonly config: TrainConfig;
  readonly lines: readonly StatsLine[];
  readonly grids: readonly EmbeddedGrid[];
  /** Real images as a data URI; null without any. */
  readonly reals?: string | null;
  readonly findings?: readonly EmbeddedFinding[];
  /** The best evaluation; null (the default) without evaluations. */
  readonly best?: Best | null;
  /** The settings that a resumed run has changed. Default: none. */
  readonly history?: readonly ConfigChanges[];
}): string {
  const { name, config, lines, grids, reals = null, findings = [], best = null, history = [] } = run;
  const last = lines.at(-1);
  const points = thin(lines, maxPoints);
  const column = (key: keyof StatsLine): unknown[] => points.map((line) => line[key]);
  const warned = lines.find((line) => line.collapse !== null);
  const content = {
    name,
    summary: `DCGAN of ${sizeText(imageShape(config)).replace('x', '×')}×${config.channels}, trained on ${basename(config.data)}`,
    facts: last === undefined ? [] : factsOf(lines, last),
    best:
      best && `The best step is ${best.step}: ${evaluationText(best.evaluation)}. ${exportedText(config)}`,
    history: history.map(({ step, changes }) => `From step ${step}: ${changes.map(shownChange).join(', ')}`),
    alert: warned === undefined ? null : `Step ${warned.step}: ${warned.collapse ?? ''}.`,
    step: last?.step ?? 0,
    columns: Math.ceil(Math.sqrt(config.sampleCount)),
    grids,
    reals,
    findings,
    stats: {
      step: column('step'),
      dLoss: column('dLoss'),
      gLoss: column('gLoss'),
      dReal: column('dReal'),
      dFake: column('dFake'),
      diversity: column('diversity'),
      frechet: column('frechet'),
      kid: column('kid'),
      precision: column('precision'),
      recall: column('recall'),
      imagesPerSecond: column('imagesPerSecond'),
    },
    config: configByGroup(config),
  };
  const library = dirname(createRequire(import.meta.url).resolve('uplot'));
  return fill(page, {
    '/*{uplot.css}*/': readFileSync(join(library, 'uPlot.min.css'), 'utf8'),
    '/*{uplot.js}*/': readFileSync(join(library, 'uPlot.iife.min.js'), 'utf8'),
    '"{run.json}"': JSON.stringify(content).replaceAll('<', '\\u003c'),
  });
}

/** A change in words; of the data's place only the name, because the page is made to be shared. */
function shownChange({ key, from, to }: ConfigChange): string {
  return key === 'data'
    ? changeText({ key, from: basename(String(from)), to: basename(String(to)) })
    : changeText({ key, from, to });
}

function exportedText({ export: chosen }: TrainConfig): string {
  return chosen === 'best' ? 'It becomes the model.' : 'The last step becomes the model (--export last).';
}

/** The page with its placeholders replaced. Throws RangeError if the template lacks one. */
function fill(template: string, parts: Readonly<Record<string, string>>): string {
  return Object.entries(parts).reduce((text, [placeholder, part]) => {
    if (!text.includes(placeholder)) throw new RangeError(`the report's page has no ${placeholder}`);
    return text.replace(placeholder, () => part);
  }, template);
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

/** `9 days 4 h`, `2 h 05 min`, `6 min 40 s`, `12 s`. */
export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60)];
  const two = (value: number): string => String(value).padStart(2, '0');
  if (hours >= 48) return `${Math.floor(hours / 24)} days ${hours % 24} h`;
  if (hours > 0) return `${hours} h ${two(minutes)} min`;
  return minutes > 0 ? `${minutes} min ${two(whole % 60)} s` : `${whole} s`;
}

/** At most `count` of the items, evenly spread, including the first and the last. */
function thin<T>(items: readonly T[], count: number): readonly T[] {
  if (items.length <= count) return items;
  return Array.from({ length: count }, (_, i) => items[Math.round((i * (items.length - 1)) / (count - 1))]!);
}

/** Encoded grids by file name, so that a run that rewrites its page encodes only new ones. */
export type GridCache = Map<string, EmbeddedGrid>;

/** The folder's grids as WebP, a tenth of the PNG's size. Afterwards `cache` holds exactly the embedded ones. */
async function embedGrids(samples: string, cache: GridCache): Promise<readonly EmbeddedGrid[]> {
  const names = (await readdir(samples)).filter((name) => /^step-\d{6,}\.png$/.test(name));
  const byStep = names
    .map((name) => ({ name, step: Number(/\d+/.exec(name)?.[0]) }))
    .sort((a, b) => a.step - b.step);
  const chosen = thinByHalves(byStep, maxGrids);
  const grids: EmbeddedGrid[] = [];
  for (const { name, step } of chosen) {
    grids.push(cache.get(name) ?? { step, source: await asWebp(join(samples, name)) });
  }
  cache.clear();
  chosen.forEach(({ name }, i) => cache.set(name, grids[i]!));
  return grids;
}

async function asWebp(path: string): Promise<string> {
  const webp = await sharp(await readFile(path))
    .resize({ width: maxGridWidth, withoutEnlargement: true })
    .webp({ quality: 86 })
    .toBuffer();
  return `data:image/webp;base64,${webp.toString('base64')}`;
}

/**
 * Every n-th item and the last, at most `max` in all. The stride n is a power of 2, so that the choice rarely changes as items are
 * added.
 */
function thinByHalves<T>(items: readonly T[], max: number): readonly T[] {
  let stride = 1;
  while (items.length / stride > max - 1) stride *= 2;
  return items.filter((_, i) => i % stride === 0 || i === items.length - 1);
}

/** The configuration by group; values that differ from the default are marked. */
function configByGroup(config: TrainConfig): readonly (readonly [string, readonly object[]])[] {
  const groups = [...new Set(configKeys.map((key) => fieldOf(key).group))];
  const entry = (key: ConfigKey): object => ({
    key,
    // The page is made to be shared, so it shows the data's name without the path.
    value: key === 'data' ? basename(config.data) : String(config[key] ?? 'none'),
    isChanged: config[key] !== defaultConfig[key],
  });
  return groups.map((group) => [group, configKeys.filter((key) => fieldOf(key).group === group).map(entry)]);
}
