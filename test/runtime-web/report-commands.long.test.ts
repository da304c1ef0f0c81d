// The commands that a report lists, run by a shell as they stand there: each works, and the one to repeat the run makes its like.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { ReportContent } from '../../trainer/run/report-content.ts';
import { environment, jsonLines, smallPictures, smallRun, start } from '../shared/command-line.ts';
import { serveFolders } from '../../scripts/static-server.ts';
import { temporaryFolder } from '../shared/temporary-folder.ts';
import { listen, openBrowser } from './browser.ts';

const test = suite('commands of the report');

const pictures = await smallPictures();
const cwd = temporaryFolder();

/** The data that a report carries. */
function contentOf(runDir: string): ReportContent {
  const html = readFileSync(join(runDir, 'report.html'), 'utf8');
  return JSON.parse(/id="run">([^<]*)</.exec(html)?.[1] ?? '') as ReportContent;
}

/** Runs a line in a shell; its exit code and stderr. */
const shell = (line: string): Promise<string> =>
  new Promise((done) => {
    const child = spawn('bash', ['-c', line], { cwd, env: environment, stdio: ['ignore', 'ignore', 'pipe'] });
    let text = '';
    child.stderr.on('data', (chunk: Buffer) => (text += chunk.toString()));
    child.on('close', (code) => done(`${code} ${text}`));
  });

/** Trains in `cwd`; resolves to the run's folder. */
async function train(...more: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await start([...smallRun(pictures, 'runs', 8), ...more], { cwd }).ended;
  assert.is(code, 0, stderr);
  return (jsonLines(stdout).at(-1) as { runDir: string }).runDir;
}

test('a finished run lists commands for its model, and every one works', async () => {
  const runDir = await train('--objective', 'hinge', '--background', '#ff8000');
  const { next, repeat, state } = contentOf(runDir);
  assert.is(state.text, 'Training has ended, after 8 steps');
  const commands = next.filter(({ isMarkup }) => !isMarkup).flatMap(({ lines }) => lines);
  assert.ok(commands.length >= 7);
  for (const line of commands) {
    // The viewer's files are built already.
    if (line.endsWith('run build')) {
      assert.ok(existsSync(resolve(cwd, /--prefix (\S+)/.exec(line)?.[1] ?? '', 'package.json')), line);
      continue;
    }
    const result = await shell(line);
    assert.match(result, /^0 /, `${line}: ${result}`);
  }
  for (const file of ['samples.png', 'walk.webp', 'site/model/model.json'])
    assert.ok(existsSync(join(cwd, file)));
  assert.is(contentOf(runDir).step, 16);

  assert.match(await shell(repeat ?? ''), /^0 /);
  const again = readdirSync(join(cwd, 'runs')).find((name) => name.startsWith('00002'));
  const configOf = (folder: string): Record<string, unknown> =>
    JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8')) as Record<string, unknown>;
  assert.equal(configOf(join(cwd, 'runs', again ?? '')), { ...configOf(runDir), steps: 8 });
});

test('the lines for a page show the model in it', async () => {
  const browser = await openBrowser('lines for a page');
  if (browser === null) return;
  const runDir = contentOf(join(cwd, 'runs', readdirSync(join(cwd, 'runs')).sort()[0] ?? ''));
  const markup = runDir.next.filter(({ isMarkup }) => isMarkup).flatMap(({ lines }) => lines);
  writeFileSync(join(cwd, 'site', 'index.html'), `<!doctype html>\n${markup.join('\n')}`);
  const server = await serveFolders({ folders: { '/': join(cwd, 'site') } });
  const page = await browser.newPage();
  const said = listen(page);
  await page.goto(server.origin);
  await page.waitForFunction(() => {
    const canvas = document.querySelector('dcgan-viewer')?.shadowRoot?.querySelector('canvas');
    const pixels = canvas?.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height).data;
    return pixels?.some((value) => value > 0);
  });
  assert.equal(
    said.filter((text) => !text.includes('favicon') && !text.includes('404')),
    [],
  );
  await browser.close();
  await server.close();
});

test('a run that was stopped lists how to go on', async () => {
  const run = start(smallRun(pictures, 'runs', 100_000), { cwd });
  await run.printed('"samples"');
  run.kill('SIGINT');
  const { stdout } = await run.ended;
  const { runDir } = jsonLines(stdout).at(-1) as { runDir: string };
  const { next, state } = contentOf(runDir);
  assert.match(state.text, /^Training was stopped, after [\d,]+ steps$/);
  const [resume, make] = next.flatMap(({ lines }) => lines);
  assert.match(await shell(make ?? ''), /^0 /);
  assert.is(contentOf(runDir).next[0]?.about, 'Generate images');
  const steps = contentOf(runDir).step + 2;
  assert.match(await shell(`${resume} --steps ${steps}`), /^0 /);
  assert.is(contentOf(runDir).state.text, `Training has ended, after ${steps.toLocaleString('en')} steps`);
});

test('a resumed run is a second session of the same report', async () => {
  const runDir = await train();
  const resumed = start(['train', '--resume', runDir, '--steps', '12', '--watch', '0', '--json'], { cwd });
  assert.match(await resumed.printedLine('"watching"'), 'http://127.0.0.1:');
  assert.is((await resumed.ended).code, 0);
  const { provenance, state } = contentOf(runDir);
  assert.equal(
    provenance?.resumedAt.map(({ step }) => step),
    [8],
  );
  assert.is(state.text, 'Training has ended, after 12 steps');
});

test('a run whose rate is 100 times too high is no healthy one, and its report says what to try', async () => {
  const flags = '--learning-rate 0.1 --steps 400 --sample-count 16 --sample-every 50 --report-every 10';
  const runDir = await train(...flags.split(' '));
  const { verdict } = contentOf(runDir);
  assert.not.equal(verdict.kind, 'healthy');
  assert.not.equal(verdict.kind, 'too early');
  assert.match(verdict.advice[0]?.flags ?? '', /learning-rate/);
});

test.run();
