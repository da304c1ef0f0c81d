// The report page: self-contained, and true to the record.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { defaultConfig } from '../../trainer/config/fields.ts';
import type { GridCache } from '../../trainer/run/report.ts';
import { formatDuration } from '../../trainer/run/duration.ts';
import { reportContent, type ReportInput } from '../../trainer/run/report-content.ts';
import { renderReport, writeReport } from '../../trainer/run/report.ts';
import { runFolderAt } from '../../trainer/run/run-folder.ts';
import { gridName } from '../../trainer/pictures/grid.ts';
import type { StatsLine } from '../../trainer/run/stats.ts';
import { healthyLine } from './healthy-line.ts';
import { temporaryFolder } from '../shared/temporary-folder.ts';

const test = suite('report');

const line = (step: number, collapse: string | null = null): StatsLine => ({
  ...healthyLine(step),
  collapse,
});

const pageOf = (input: ReportInput): string => renderReport(reportContent(input));

/** The data that a page carries. */
function contentOf(html: string): Record<string, unknown> {
  const json = /<script type="application\/json" id="run">([^<]*)<\/script>/.exec(html)?.[1];
  return JSON.parse(json ?? 'null') as Record<string, unknown>;
}

test('the page carries its data, the chart library and nothing from elsewhere', () => {
  const grids = [{ step: 100, source: 'data:image/webp;base64,AAAA' }];
  const html = pageOf({
    name: '00001-x-dcgan',
    config: defaultConfig,
    lines: [line(50), line(100)],
    grids,
  });
  const content = contentOf(html);
  assert.is(content['name'], '00001-x-dcgan');
  assert.equal(content['grids'], grids);
  assert.equal((content['stats'] as { step: number[] }).step, [50, 100]);
  assert.match(html, 'uPlot');
  assert.not.match(html, /(src|href)\s*=\s*["']https?:/);
  assert.not.match(html, /\{run\.json\}|\{uplot/);
});

test('the rate is that of the whole run, not of its last report', () => {
  const lines = [line(50), { ...line(100), imagesPerSecond: 100 }];
  const { facts } = contentOf(pageOf({ name: 'x', config: defaultConfig, lines, grids: [] }));
  // 3200 images in 8 seconds, then 3200 in 32.
  assert.equal((facts as string[][])[2], ['Images per second', '160']);
});

test('the page says which step is the best, by which network, and which settings were changed', () => {
  const evaluation = {
    frechet: 12.345,
    kid: 0.001,
    precision: 0.5,
    recall: 0.25,
    network: 'x, no FID',
    images: 1000,
  };
  const run = { name: 'x', config: defaultConfig, lines: [line(50)], grids: [] };
  const changes = [
    { key: 'learningRate', from: 0.001, to: 0.0002 },
    { key: 'data', from: '/home/somebody/photos', to: '/elsewhere/photos' },
  ] as const;
  const content = contentOf(
    pageOf({ ...run, best: { step: 50, evaluation }, history: [{ step: 40, changes }] }),
  );
  assert.is(
    content['best'],
    'The best step is 50: Fréchet distance 12.35 (x, no FID; 1,000 images), KID 1.00e-3, precision 0.50, recall 0.25. It becomes the model.',
  );
  assert.equal(content['history'], ['From step 40: learningRate 0.001 → 0.0002, data photos → photos']);
  const without = contentOf(pageOf(run));
  assert.equal([without['best'], without['history']], [null, []]);
});

test('a name cannot break out of the data', () => {
  const name = '</script><script>alert(1)</script>';
  const html = pageOf({ name, config: defaultConfig, lines: [], grids: [] });
  assert.not.match(html, 'alert(1)</script>');
  assert.is(contentOf(html)['name'], name);
});

test('dollar signs in the data stay dollar signs', () => {
  const html = pageOf({ name: "a$&b$'c", config: defaultConfig, lines: [], grids: [] });
  assert.is(contentOf(html)['name'], "a$&b$'c");
});

test('the first sign of a collapse is shown, and the path of the data is not', () => {
  const config = { ...defaultConfig, data: '/home/someone/private/photos' };
  const lines = [line(50), line(100, 'gLoss has diverged to 300'), line(150, 'later')];
  const html = pageOf({ name: 'x', config, lines, grids: [] });
  assert.is(contentOf(html)['alert'], 'First sign, at step 100: gLoss has diverged to 300.');
  assert.not.match(html, '/home/someone');
});

test('a long record is thinned out, with its first and its last line', () => {
  const lines = Array.from({ length: 10_000 }, (_, i) => line(i + 1));
  const { step } = contentOf(pageOf({ name: 'x', config: defaultConfig, lines, grids: [] }))['stats'] as {
    step: number[];
  };
  assert.ok(step.length <= 1500);
  assert.equal([step[0], step.at(-1)], [1, 10_000]);
});

test('a page in a folder of many grids embeds the first, the last and a few between, each encoded once', async () => {
  const folder = runFolderAt(temporaryFolder());
  mkdirSync(folder.samples);
  const png = await sharp({ create: { width: 4, height: 4, channels: 3, background: '#336699' } })
    .png()
    .toBuffer();
  const cache: GridCache = new Map();
  const stepsOnPage = async (): Promise<number[]> => {
    await writeReport(folder, defaultConfig, [line(1)], cache);
    const { grids } = contentOf(readFileSync(folder.report, 'utf8'));
    return (grids as { step: number }[]).map(({ step }) => step);
  };
  for (let step = 1; step <= 100; step++) writeFileSync(join(folder.samples, gridName(step)), png);
  const before = await stepsOnPage();
  assert.ok(before.length > 15 && before.length <= 30);
  assert.equal([before[0], before.at(-1)], [1, 100]);
  const held = new Map(cache);
  writeFileSync(join(folder.samples, gridName(101)), png);
  assert.equal(await stepsOnPage(), [...before.slice(0, -1), 101]);
  for (const [name, grid] of cache) if (held.has(name)) assert.is(grid, held.get(name));
});

test('a finding of an earlier step says so', async () => {
  const folder = runFolderAt(temporaryFolder());
  mkdirSync(folder.samples);
  const place = join(folder.analysis, 'evaluate');
  mkdirSync(place, { recursive: true });
  const finding = { name: 'evaluate', title: 'T', step: 50, summary: 'Figures.', pictures: [], data: {} };
  writeFileSync(join(place, 'finding.json'), JSON.stringify(finding));
  const summaryAt = async (step: number): Promise<unknown> => {
    await writeReport(folder, defaultConfig, [line(step)]);
    const { findings } = contentOf(readFileSync(folder.report, 'utf8'));
    return (findings as { summary: string }[])[0]!.summary;
  };
  assert.is(await summaryAt(50), 'Figures.');
  assert.is(await summaryAt(100), 'Of step 50; the run is at step 100 now. Figures.');
});

test('durations are readable', () => {
  assert.equal([0, 12.4, 59.6, 61, 400, 3600, 7500, 794_160].map(formatDuration), [
    '0 s',
    '12 s',
    '1 min 00 s',
    '1 min 01 s',
    '6 min 40 s',
    '1 h 00 min',
    '2 h 05 min',
    '9 days 4 h',
  ]);
});

test.run();
