// Calls of commands in messages: in a clone, from another folder, and from an installed package.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { invocationFrom } from '../../trainer/command-line/invocation.ts';

const test = suite('invocation');

test('in a clone it is a script of package.json, for every command', () => {
  const call = invocationFrom('/home/me/dcgan/dist/trainer/cli.js', '/home/me/dcgan');
  assert.is(call('train'), 'npm run train --');
  assert.is(call('walk'), 'npm run dcgan -- walk');
});

test('from another folder it is the program itself', () => {
  const call = invocationFrom('/home/me/dcgan/dist/trainer/cli.js', '/home/me/photos');
  assert.is(call('walk'), 'node ../dcgan/dist/trainer/cli.js walk');
});

test('in an installed package it is npx', () => {
  const call = invocationFrom('/home/me/site/node_modules/dcgan/dist/trainer/cli.js', '/home/me/site');
  assert.is(call('train'), 'npx dcgan train');
});

test.run();
