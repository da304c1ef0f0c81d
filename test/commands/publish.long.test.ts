// `dcgan publish` of an installed program, which finds the viewer's package where it is installed, and of every kind of model.
import { spawn } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, join, resolve } from 'node:path';
import process from 'node:process';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Card } from '../../trainer/card/card.ts';
import { importedModel, stickersModel } from '../runtime-web/models.ts';
import { dcganInTurn, environment } from '../shared/command-line.ts';
import { attributesOfColour, conditionPackage, numbersOfColour } from '../shared/condition-package.ts';
import { temporaryFolder } from '../shared/temporary-folder.ts';
import { smallViewer } from './small-viewer.ts';

const test = suite('dcgan publish, installed');
const viewer = smallViewer();

test('an installed program finds the viewer beside it, and says what to install without', async () => {
  const modules = join(temporaryFolder(), 'node_modules');
  mkdirSync(modules);
  const installed = join(modules, 'dcgan', 'dist', 'trainer');
  cpSync('dist/trainer', installed, { recursive: true });
  for (const name of readdirSync('node_modules').filter(
    (entry) => entry !== 'dcgan-viewer' && !entry.startsWith('.'),
  ))
    symlinkSync(resolve('node_modules', name), join(modules, name));
  writeFileSync(join(modules, 'dcgan', 'package.json'), '{ "type": "module", "version": "0.1.0" }');
  const program = join(installed, 'cli.js');
  const [model, cwd] = [conditionPackage(attributesOfColour), temporaryFolder()];
  const call = (out: string): Promise<{ readonly code: number | null; readonly stderr: string }> =>
    new Promise((done) => {
      const child = spawn(process.execPath, [program, 'publish', model, '--out', out], {
        cwd,
        env: environment,
      });
      let stderr = '';
      child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
      child.on('close', (code) => done({ code, stderr }));
    });
  const refused = await call('site');
  assert.is(refused.code, 2, refused.stderr);
  assert.match(refused.stderr, /the viewer's files are not there .*; make them: npm install dcgan-viewer\n$/);
  const packaged = join(modules, basename(viewer));
  cpSync(viewer, packaged, { recursive: true });
  writeFileSync(
    join(packaged, 'package.json'),
    '{ "name": "dcgan-viewer", "version": "0.0.1", "exports": { "./element": { "default": "./dist/element.js" } } }',
  );
  const found = await call('site');
  assert.is(found.code, 0, found.stderr);
  assert.match(found.stderr, /warning: the viewer is version 0\.0\.1, and this program \d/);
  assert.ok(existsSync(join(cwd, 'site', 'viewer', 'element.js')));
});

test('every kind of model gets a card and a page: plain, style-based, with alpha, of classes, codes, attributes and numbers, and imported', async () => {
  const kinds = new Set<string>();
  const models = readdirSync('demo/models', { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => join('demo', 'models', name));
  const made = [attributesOfColour, numbersOfColour].map((conditioning) => conditionPackage(conditioning));
  for (const model of [...models, ...made, await importedModel(), await stickersModel()]) {
    const out = join(temporaryFolder(), 'site');
    const { code, stderr } = await dcganInTurn('publish', model, '--out', out, '--viewer', viewer);
    assert.is(code, 0, stderr);
    const card = JSON.parse(readFileSync(join(out, 'card.json'), 'utf8')) as Card;
    const { width, height, channels, conditioning } = card.model;
    kinds.add(conditioning?.kind ?? 'plain').add(String(channels));
    kinds
      .add(width === height ? 'square' : 'rectangular')
      .add(card.training === null ? 'imported' : 'trained');
    if (card.model.files.some(({ role }) => role === 'synthesis')) kinds.add('styles');
    const page = readFileSync(join(out, 'index.html'), 'utf8');
    assert.is(page.split('data-condition').length - 1, conditioning?.fields.length ?? 0, model);
    assert.match(readFileSync(join(out, 'page.css'), 'utf8'), `aspect-ratio: ${width} / ${height};`);
  }
  const wanted =
    '1 3 4 attributes classes codes imported numbers plain rectangular square styles trained'.split(' ');
  assert.equal([...kinds].sort(), wanted);
});

test.run();
