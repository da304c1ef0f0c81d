// Words for a shell, read back by a shell.
import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { shellPath, shellWord } from '../../trainer/command-line/shell-words.ts';

const test = suite('shell words');

/** The words that a shell in `cwd` makes of a line. */
const read = (line: string, home = '/home/me'): string =>
  execFileSync('sh', ['-c', `printf '%s' ${line}`], {
    encoding: 'utf8',
    env: { ...process.env, HOME: home },
  });

test('a shell reads every text as it was', () => {
  for (const text of [
    'photos',
    "it's",
    'my photos',
    '$HOME',
    'a;b',
    '~',
    '#ff8000',
    '*',
    '0.5,0.25',
    'é',
    '',
  ]) {
    assert.is(read(shellWord(text)), text);
  }
  assert.is(shellWord('runs/00001-photos-dcgan'), 'runs/00001-photos-dcgan');
});

test('a path leads to the same place, without the name of the user', () => {
  for (const path of ['/data/photos', '/home/me/my photos', '/home/me/work/photos', '/home/me/work/-x']) {
    const word = shellPath('/home/me/work', path, '/home/me');
    assert.is(resolve('/home/me/work', read(word)), path);
    if (path.startsWith('/home/me')) assert.not.match(word, '/home/me');
  }
});

test('a folder that is called like the built-in faces stays a folder', () => {
  assert.is(shellPath('/work', '/work/avatars'), './avatars');
});

test.run();
