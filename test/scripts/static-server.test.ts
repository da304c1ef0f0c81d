// The demo's server: what it answers to whom, and aborted downloads.
import { readdirSync, readlinkSync, writeFileSync } from 'node:fs';
import { get, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { serveFolders } from '../../scripts/static-server.ts';
import { skipIf } from '../shared/skip.ts';
import { temporaryFolder } from '../shared/temporary-folder.ts';

const test = suite('static server');
const folder = temporaryFolder();
writeFileSync(join(folder, 'large.onnx'), new Uint8Array(32 * 2 ** 20));
writeFileSync(join(folder, 'index.html'), 'hello');

function answer(url: string, host?: string): Promise<IncomingMessage> {
  return new Promise((done, fail) => {
    get(url, host === undefined ? {} : { headers: { host } }, done).on('error', fail);
  });
}

test('requests that name another host are refused, and files are sent with nosniff', async () => {
  const server = await serveFolders({ folders: { '/': folder } });
  const { port } = new URL(server.origin);
  for (const host of [`127.0.0.1:${port}`, `localhost:${port}`, 'localhost']) {
    const response = await answer(server.origin, host);
    assert.is(response.statusCode, 200, host);
    assert.is(response.headers['x-content-type-options'], 'nosniff');
    response.resume();
  }
  for (const host of [`evil.example:${port}`, '127.0.0.1.evil.example', 'localhost.evil.example']) {
    const response = await answer(server.origin, host);
    assert.is(response.statusCode, 403, host);
    response.resume();
  }
  await server.close();
});

test('markup for the head comes before everything else of each page, and in no other file', async () => {
  const pages = temporaryFolder();
  writeFileSync(join(pages, 'bare.html'), '<!doctype html><title>bare</title>');
  writeFileSync(
    join(pages, 'full.html'),
    '<!doctype html>\n<html lang="en">\n<head><title>full</title></head></html>',
  );
  writeFileSync(join(pages, 'page.txt'), '<!doctype html>');
  const server = await serveFolders({ folders: { '/': pages }, head: '<i>' });
  const text = async (path: string): Promise<string> => (await fetch(server.origin + path)).text();
  assert.is(await text('/bare.html'), '<!doctype html><i><title>bare</title>');
  assert.is(
    await text('/full.html'),
    '<!doctype html>\n<html lang="en">\n<head><i><title>full</title></head></html>',
  );
  assert.is(await text('/page.txt'), '<!doctype html>');
  await server.close();
});

const onLinux = skipIf(process.platform !== 'linux', 'open files are listed on Linux only', test);
onLinux('an aborted download closes its file', async () => {
  const server = await serveFolders({ folders: { '/': folder } });
  const open = (): number =>
    readdirSync('/proc/self/fd').filter((fd) => {
      try {
        return readlinkSync(`/proc/self/fd/${fd}`).endsWith('large.onnx');
      } catch {
        return false;
      }
    }).length;
  for (let i = 0; i < 5; i++) {
    const response = await answer(`${server.origin}/large.onnx`);
    await new Promise((done) => response.once('data', done));
    response.destroy();
  }
  for (let i = 0; i < 100 && open() > 0; i++) await delay(20);
  assert.is(open(), 0);
  await server.close();
});

test.run();
