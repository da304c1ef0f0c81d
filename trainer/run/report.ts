// `report.html`: verdict, samples, curves, findings, commands and configuration in one file. The chart library and the images are
// embedded, so that it opens without a network.
import { readFileSync } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import sharp from 'sharp';
import type { TrainConfig } from '../config/fields.ts';
import { writeFileAtomically } from '../files/atomic-file.ts';
import { embedFindings } from '../findings/findings.ts';
import { modelFileName } from '../model-package/package-folder.ts';
import { readHistory } from './config-history.ts';
import { readBest } from './find-checkpoint.ts';
import { reportContent, type ReportContent, type ReportGrid, type ReportInput } from './report-content.ts';
import curves from './report-curves.html' with { type: 'text' };
import page from './report-page.html' with { type: 'text' };
import samples from './report-samples.html' with { type: 'text' };
import style from './report-page.css';
import type { RunFolder } from './run-folder.ts';
import { readSampleColumns } from './sample-columns.ts';
import { readSessions } from './sessions.ts';
import type { StatsLine } from './stats.ts';

/** Limits that keep the page small enough to open at once: grids, and their width in pixels. */
const maxGrids = 30;
const maxGridWidth = 1024;

/** Writes the page from the run's statistics and the grids and findings in its folder. */
export async function writeReport(
  folder: RunFolder,
  config: TrainConfig,
  lines: readonly StatsLine[],
  cache: GridCache = new Map(),
): Promise<void> {
  const content = reportContent({
    ...(await gatherReport(folder, config, lines)),
    grids: await embedGrids(folder.samples, cache),
    // Runs of earlier versions have none.
    reals: await asWebp(folder.reals).catch(() => null),
    findings: await embedFindings(folder.analysis, lines.at(-1)?.step ?? null),
  });
  await writeFileAtomically(folder.report, renderReport(content));
}

/** The content of a run's folder that a report needs, without pictures. */
export async function gatherReport(
  folder: RunFolder,
  config: TrainConfig,
  lines: readonly StatsLine[],
): Promise<Omit<ReportInput, 'grids'>> {
  return {
    name: basename(folder.path),
    config,
    lines,
    best: await readBest(folder),
    history: await readHistory(folder),
    sessions: await readSessions(folder),
    columnNames: await readSampleColumns(folder.samples),
    hasModel: (await stat(join(folder.model, modelFileName)).catch(() => null)) !== null,
  };
}

/** The page's HTML. A page with `events`, a URL of server-sent events, draws each event's content in place of what it has. */
export function renderReport(content: ReportContent, { events = null as string | null } = {}): string {
  const library = dirname(createRequire(import.meta.url).resolve('uplot'));
  return fill(page, {
    '/*{uplot.css}*/': readFileSync(join(library, 'uPlot.min.css'), 'utf8'),
    '/*{report.css}*/': style,
    '/*{uplot.js}*/': readFileSync(join(library, 'uPlot.iife.min.js'), 'utf8'),
    '<!--{samples}-->': samples,
    '<!--{curves}-->': curves,
    '"{run.json}"': JSON.stringify({ ...content, events }).replaceAll('<', '\\u003c'),
  });
}

/** The page with its placeholders replaced. Throws RangeError if the template lacks one. */
function fill(template: string, parts: Readonly<Record<string, string>>): string {
  return Object.entries(parts).reduce((text, [placeholder, part]) => {
    if (!text.includes(placeholder)) throw new RangeError(`the report's page has no ${placeholder}`);
    return text.replace(placeholder, () => part);
  }, template);
}

/** Encoded grids by file name, so that a run that rewrites its page encodes only new ones. */
export type GridCache = Map<string, ReportGrid>;

/** The folder's grids as WebP, a tenth of the PNG's size. Afterwards `cache` holds exactly the embedded ones. */
async function embedGrids(folder: string, cache: GridCache): Promise<readonly ReportGrid[]> {
  const chosen = await listGrids(folder);
  const grids: ReportGrid[] = [];
  for (const { name, step } of chosen) {
    grids.push(cache.get(name) ?? { step, source: await asWebp(join(folder, name)) });
  }
  cache.clear();
  chosen.forEach(({ name }, i) => cache.set(name, grids[i]!));
  return grids;
}

/** The grids in a run's `samples` folder that its report shows, in order. */
export async function listGrids(
  folder: string,
): Promise<readonly { readonly name: string; readonly step: number }[]> {
  const names = (await readdir(folder)).filter((name) => /^step-\d{6,}\.png$/.test(name));
  const byStep = names
    .map((name) => ({ name, step: Number(/\d+/.exec(name)?.[0]) }))
    .sort((a, b) => a.step - b.step);
  return thinByHalves(byStep, maxGrids);
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
