// Names that try to command the terminal, also with the command line spawned for real.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { withoutControls } from '../../trainer/command-line/without-controls.ts';
import { dcgan } from '../shared/command-line.ts';

const test = suite('withoutControls()');

test('control characters are replaced; line ends, tabs and all letters stay', () => {
  assert.is(withoutControls('a\u001b[2Jb\r\u0007\u009b1m\u202ec'), 'a\ufffd[2Jb\ufffd\ufffd\ufffd1m\ufffdc');
  assert.is(withoutControls('é 猫 🐈\n\tend'), 'é 猫 🐈\n\tend');
});

test('no command prints them', async () => {
  const name = 'x\u001b]0;owned\u0007';
  for (const args of [['train', '--data', name], ['sample', name], ['train', name], [name]]) {
    const { code, stdout, stderr } = await dcgan(...args);
    assert.is(code, 2);
    assert.not.match(stdout + stderr, '\u001b');
  }
});

test.run();
