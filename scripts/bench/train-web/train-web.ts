// `npm run bench -- train-web`: training in a real Chromium on WebAssembly, beside onnxruntime-node on the same graphs with as many
// threads, by turns. Prints images per second, their ratios, the share of the time outside ONNX Runtime (also while each face is drawn for
// the first time), the time to images, and the page's memory over steps. With --soak-minutes N, only the first package trains, so long; with
// --operators, an update's time by operator is printed instead.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { listOf, option, positiveNumber, readFlags, text, toggle, wholeNumber } from '../../flags.ts';
import { writePageNetworks } from '../../page-networks.ts';
import { serveFolders } from '../../static-server.ts';
import { launchBrowser } from '../browser.ts';
import { median } from '../median.ts';
import { openNodeSide } from './node-side.ts';
import { operatorLine, operatorRows } from './operators.ts';
import { firstMinute } from './minute.ts';
import { momentsOf, openPageSide, type Rated } from './page-side.ts';
import { soak, soakLine, type SoakMinute } from './soak.ts';

const flags = readFlags({
  networks: option(listOf(text), 'colour-32,colour-64'),
  seconds: option(positiveNumber, '3'),
  turns: option(wholeNumber(), '3'),
  images: option(wholeNumber(), '3200'),
  'memory-steps': option(wholeNumber(), '100'),
  'soak-minutes': option(wholeNumber()),
  operators: toggle,
  minute: toggle,
  json: toggle,
});
const ms = flags.seconds * 1000;
const memoryTurns = 4;
const say = (line: string): void => {
  if (!flags.json) console.log(line);
};

const site = mkdtempSync(join(tmpdir(), 'dcgan-bench-train-web-'));
process.on('exit', () => rmSync(site, { recursive: true, force: true }));
const networks = join(site, 'networks');
await writePageNetworks(networks);
writeFileSync(join(site, 'index.html'), '<!doctype html><title>bench</title>');
writeFileSync(join(site, 'favicon.ico'), '');
const folders = {
  '/': site,
  '/web/': 'runtime-web/dist',
  ...Object.fromEntries(flags.networks.map((name) => [`/${name}/`, join(networks, name)])),
};
const [isolated, open] = await Promise.all([
  serveFolders({ folders, isIsolated: true }),
  serveFolders({ folders }),
]);
// Measures memory when it is asked for, instead of at the next collection.
const browser = await launchBrowser('--enable-blink-features=ForceEagerMeasureMemory');

const threads = Math.min(4, cpus().length);

/** Measures one package. */
async function measured(name: string) {
  const sides = {
    page: await openPageSide(browser, isolated.origin, name),
    node: await openNodeSide(join(networks, name), threads),
    pageOnOne: await openPageSide(browser, open.origin, name),
    nodeOnOne: await openNodeSide(join(networks, name), 1),
  };
  type Side = keyof typeof sides;
  const names = Object.keys(sides) as Side[];
  const rates = Object.fromEntries(names.map((side) => [side, [] as Rated[]])) as Record<Side, Rated[]>;
  for (const side of names) await sides[side].rate(500);
  for (let turn = 0; turn < flags.turns; turn++) {
    for (const side of turn % 2 === 0 ? names : names.toReversed())
      rates[side].push(await sides[side].rate(ms));
    const line = names.map((side) => `${side} ${rates[side].at(-1)!.imagesPerSecond.toFixed(0)}`);
    say(`${name}, turn ${turn + 1}, images/s: ${line.join(', ')}`);
  }
  const ratio = (a: Side, b: Side): number =>
    median(rates[a].map(({ imagesPerSecond }, i) => imagesPerSecond / rates[b][i]!.imagesPerSecond));
  const memory: number[] = [];
  for (let i = 0; i < memoryTurns; i++) memory.push(await sides.page.memoryAfter(flags['memory-steps']));
  await Promise.all([
    sides.page.close(),
    sides.pageOnOne.close(),
    sides.node.dispose(),
    sides.nodeOnOne.dispose(),
  ]);
  return {
    name,
    device: sides.page.device,
    imagesPerSecond: Object.fromEntries(
      names.map((side) => [side, median(rates[side].map(({ imagesPerSecond }) => imagesPerSecond))]),
    ),
    ratioToNode: ratio('page', 'node'),
    ratioToNodeOnOneThread: ratio('pageOnOne', 'nodeOnOne'),
    ratioOfOneThreadToTwo: ratio('pageOnOne', 'page'),
    shareOutside: median(rates.page.map(({ shareOutside }) => shareOutside)),
    shareOutsideInNode: median(rates.node.map(({ shareOutside }) => shareOutside)),
    megabytes: memory,
    moments: await momentsOf(browser, isolated.origin, name, flags.images),
  };
}

const minutes: SoakMinute[] = [];
const soakMinutes = flags['soak-minutes'];
if (soakMinutes !== undefined)
  for await (const minute of soak(browser, isolated.origin, flags.networks[0]!, soakMinutes)) {
    minutes.push(minute);
    say(soakLine(minute));
  }
if (flags.operators)
  for (const name of flags.networks) {
    say(`${name}, milliseconds of an update on one thread:`);
    for (const row of await operatorRows(browser, isolated.origin, networks, name)) say(operatorLine(row));
  }
if (flags.minute)
  for (const name of flags.networks) {
    const found = await firstMinute(browser, isolated.origin, name, join(site, `${name}-minute`));
    say(
      `${name}, a minute of <dcgan-trainer>: ${found.images} images; Fréchet distance ${found.frechet.toFixed(2)}, ` +
        `of train after as many images ${found.frechetOfTrain.toFixed(2)}; longest task of the page's thread ${found.longestTask.toFixed(1)} ms`,
    );
  }
const results: Awaited<ReturnType<typeof measured>>[] = [];
for (const name of soakMinutes === undefined && !flags.operators && !flags.minute ? flags.networks : []) {
  const result = await measured(name);
  results.push(result);
  const { device, ratioToNode, ratioToNodeOnOneThread, ratioOfOneThreadToTwo, moments, megabytes } = result;
  say(`\n${name}, ${device}, ${cpus()[0]?.model.trim()}`);
  say(
    `images/s of onnxruntime-node's: ${ratioToNode.toFixed(3)}; on one thread each ${ratioToNodeOnOneThread.toFixed(3)}; one thread of the page's ${threads}: ${ratioOfOneThreadToTwo.toFixed(2)}`,
  );
  say(
    `time outside session.run: ${(100 * result.shareOutside).toFixed(1)}% (Node ${(100 * result.shareOutsideInNode).toFixed(1)}%)`,
  );
  const { shareOutside, imagesPerSecond } = moments.firstFaces;
  say(
    `first faces: ${(100 * shareOutside).toFixed(1)}% outside session.run, ${imagesPerSecond.toFixed(0)} images/s`,
  );
  say(
    `seconds from loadTrainer(): opened ${moments.opened.toFixed(1)}, first sample ${moments.firstSample.toFixed(1)}, ${flags.images} images ${moments.imagesSeen.toFixed(1)}`,
  );
  say(
    `MB of the page after each ${flags['memory-steps']} steps: ${megabytes.map((each) => each.toFixed(1)).join(', ')}\n`,
  );
}
await browser.close();
await Promise.all([isolated.close(), open.close()]);
if (flags.json)
  console.log(
    JSON.stringify({ threads, seconds: flags.seconds, turns: flags.turns, packages: results, minutes }),
  );
