// The live report of a real run: what it serves, what it refuses, and that it ends with the run.
import { existsSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { dcganInTurn, smallPictures, smallRun, start, type Running } from '../shared/command-line.ts';
import { temporaryFolder } from '../shared/temporary-folder.ts';

const test = suite('live report');

const pictures = await smallPictures();
const running: Running[] = [];
// A failed test leaves its run, which would never end.
test.after.each(() => {
  for (const run of running.splice(0)) run.kill('SIGKILL');
});

/** Status, type and text of an answer. */
interface Answer {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

/** Requests a path as it is, with any `Host`. */
function ask(url: string, path: string, options: { host?: string; method?: string } = {}): Promise<Answer> {
  const { hostname, port, host } = new URL(url);
  return new Promise((done, fail) => {
    const { method = 'GET' } = options;
    request({ hostname, port, path, method, headers: { host: options.host ?? host } }, (response) => {
      let text = '';
      response.setEncoding('latin1');
      response.on('data', (chunk: string) => (text += chunk));
      response.on('error', fail);
      response.on('end', () =>
        done({ status: response.statusCode ?? 0, type: response.headers['content-type'] ?? '', text }),
      );
    })
      .on('error', fail)
      .end();
  });
}

/** Starts a run that is watched; resolves to its process and its address. */
async function watched(out: string, steps: number): Promise<{ readonly run: Running; readonly url: string }> {
  const run = start([...smallRun(pictures, out, steps), '--watch', '--sample-every', '10']);
  running.push(run);
  const line = await run.printedLine('"watching"');
  return { run, url: (JSON.parse(line) as { url: string }).url };
}

test('the page, its events and the pictures are served on the loopback interface only while the run lasts', async () => {
  const { run, url } = await watched(temporaryFolder(), 100_000);
  assert.match(url, /^http:\/\/127\.0\.0\.1:\d+\/$/);
  const page = await ask(url, '/');
  assert.is(page.status, 200);
  assert.match(page.text, 'training report');
  const events = ask(url, '/events');
  await run.printed('"samples"');
  const picture = await ask(url, '/samples/step-000010.png?1');
  assert.equal([picture.status, picture.type, picture.text.slice(1, 4)], [200, 'image/png', 'PNG']);
  assert.is((await ask(url, '/reals.png')).status, 200);
  for (const path of [
    '/config.json',
    '/stats.jsonl',
    '/samples/../config.json',
    '/samples/%2e%2e/config.json',
    '//etc/passwd',
    '/checkpoints/best.safetensors',
    '/samples/step-000010.png/..',
  ]) {
    assert.is((await ask(url, path)).status, 404, path);
  }
  for (const host of ['evil.example', 'evil.example:80', '127.0.0.1.evil.example']) {
    assert.is((await ask(url, '/', { host })).status, 403, host);
    assert.is((await ask(url, '/events', { host })).status, 403, host);
  }
  assert.is((await ask(url, '/', { host: `localhost:${new URL(url).port}` })).status, 200);
  assert.is((await ask(url, '/', { method: 'POST' })).status, 405);

  const out = join(temporaryFolder(), 'runs');
  const { port } = new URL(url);
  for (const [flags, expected] of [
    [['--watch', port], `--watch ${port}: the port is in use`],
    [['--watch', '70000'], '--watch: got 70000, expected a whole number from 0 to 65535'],
    [['--watch', '--dry-run'], '--watch and --dry-run contradict each other'],
  ] as const) {
    const { code, stderr } = await dcganInTurn('train', '--data', pictures, '--out', out, ...flags);
    assert.is(code, 2);
    assert.match(stderr, expected);
    assert.is(stderr.trim().split('\n').length, 1);
  }
  assert.not.ok(existsSync(out));

  run.kill('SIGINT');
  const pushed = (await events).text.split('\n\n').filter((text) => text.startsWith('data: '));
  const contents = pushed.map((text) => JSON.parse(text.slice(6)) as { state: { text: string } });
  assert.match(contents[0]?.state.text ?? '', /^In training/);
  assert.match(contents.at(-1)?.state.text ?? '', /^Training was stopped/);
  const { code } = await run.ended;
  assert.is(code, 130);
  await ask(url, '/').then(
    () => assert.unreachable('the server is still there'),
    (error: NodeJS.ErrnoException) => assert.is(error.code, 'ECONNREFUSED'),
  );
});

test.run();
