// The checks check: every source file is type-checked, and a planted violation of each import rule makes `npm run lint` fail.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import process from 'node:process';
import ts from 'typescript';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import cruiser from '../.dependency-cruiser.mjs';
import { temporaryFolder } from './shared/temporary-folder.ts';

const test = suite('lint and typecheck');
const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as {
  readonly scripts: Readonly<Record<string, string>>;
};

/** The files that a tsconfig names and checks, relative to the checkout. */
function checkedBy(config: string): readonly string[] {
  const host = { ...ts.sys, onUnRecoverableConfigFileDiagnostic: () => undefined };
  const { fileNames, options } = ts.getParsedCommandLineOfConfigFile(config, {}, host)!;
  return fileNames
    .filter((file) => file.endsWith('.ts') || options.checkJs === true)
    .map((file) => relative('.', file).replaceAll('\\', '/'));
}

test('npm run typecheck covers every TypeScript and JavaScript file of the repository', () => {
  const configs = [...scripts['typecheck']!.matchAll(/-p (\S+)/g)].map(([, config]) => config!);
  assert.ok(configs.includes('tsconfig.json'));
  const checked = new Set(configs.flatMap(checkedBy));
  const kinds = ['*.ts', '*.mts', '*.cts', '*.js', '*.mjs', '*.cjs'];
  const { stdout, status } = spawnSync('git', ['ls-files', ...kinds], { encoding: 'utf8' });
  assert.is(status, 0);
  // The projects in test/embed have their own tools.
  const tracked = stdout
    .trim()
    .split('\n')
    .filter((file) => !file.startsWith('test/embed/'));
  assert.ok(tracked.length > 500, `${tracked.length} files`);
  assert.equal(
    tracked.filter((file) => !checked.has(file)),
    [],
  );
});

/** Files in which no rule is broken: one of each room, so that every folder that is cruised exists. */
const sound: Readonly<Record<string, string>> = {
  'trainer/cli.ts': "import './commands/train.ts';",
  'trainer/commands/train.ts': "import '../data/images.ts';",
  'trainer/data/images.ts': "import '../files/cache.ts';\nimport '../../runtime-web/format/model.ts';",
  'trainer/files/cache.ts': "import 'node:fs';",
  'runtime-web/format/model.ts': 'export const version = 1;',
  'runtime-web/viewer/viewer.ts': "import '../format/model.ts';",
  'demo/main.ts': "import '../runtime-web/viewer/viewer.ts';",
  'scripts/serve.ts': "import '../trainer/cli.ts';",
  'test/images.test.ts': "import '../trainer/data/images.ts';",
  'package.json': '{ "type": "module", "devDependencies": { "uvu": "1" } }',
  'node_modules/uvu/package.json': '{ "name": "uvu", "main": "index.js" }',
  'node_modules/uvu/index.js': '',
};

/** Files that break a rule, by the rule's name. */
const violations: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'no-circle-of-files': {
    'trainer/files/cache.ts': "import './disk.ts';",
    'trainer/files/disk.ts': "import './cache.ts';",
  },
  'no-circle-of-rooms': { 'trainer/files/disk.ts': "import '../data/zip.ts';", 'trainer/data/zip.ts': '' },
  'trainer-sees-the-format-only': { 'trainer/run.ts': "import '../runtime-web/viewer/viewer.ts';" },
  'browser-sees-no-trainer': { 'runtime-web/viewer/viewer.ts': "import '../../trainer/files/cache.ts';" },
  'format-stands-alone': { 'runtime-web/format/model.ts': "import '../../trainer/files/cache.ts';" },
  'runtime-sees-no-demo': { 'runtime-web/index.ts': "import '../demo/room.ts';", 'demo/room.ts': '' },
  'browser-has-no-node': { 'runtime-web/index.ts': "import 'node:fs';" },
  'commands-are-the-top': { 'trainer/run/loop.ts': "import '../commands/train.ts';" },
  'ground-floor': { 'trainer/data/zip.ts': "import '../export/model.ts';", 'trainer/export/model.ts': '' },
  'source-sees-no-tests': { 'demo/main.ts': "import '../scripts/flags.ts';", 'scripts/flags.ts': '' },
  'trainer-ships-its-dependencies': { 'trainer/data/zip.ts': "import 'uvu';" },
  'imports-resolve': { 'demo/main.ts': "import './nowhere.ts';" },
};

/** Runs the dependency check of `npm run lint`, with the project's own rules, on these files. */
function cruise(files: Readonly<Record<string, string>>): {
  readonly status: number | null;
  readonly output: string;
} {
  const command = scripts['lint']!.split(' && ').find((part) => part.startsWith('depcruise '))!;
  const folder = temporaryFolder();
  cpSync('.dependency-cruiser.mjs', join(folder, '.dependency-cruiser.mjs'));
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), `${content}\n`);
  }
  const PATH = [resolve('node_modules', '.bin'), process.env['PATH']].join(
    process.platform === 'win32' ? ';' : ':',
  );
  const env = { ...process.env, PATH };
  const { status, stdout, stderr } = spawnSync(command, { cwd: folder, env, shell: true, encoding: 'utf8' });
  return { status, output: stdout + stderr };
}

test('depcruise passes where no rule is broken', () => {
  const { status, output } = cruise(sound);
  assert.is(status, 0, output);
});

for (const [rule, planted] of Object.entries(violations)) {
  test(`depcruise fails for a planted violation of ${rule}`, () => {
    const { status, output } = cruise({ ...sound, ...planted });
    assert.is.not(status, 0, output);
    assert.match(output, new RegExp(`error ${rule}: `));
  });
}

test('every import rule has a planted violation', () => {
  assert.equal(
    cruiser.forbidden.map(({ name }) => name),
    Object.keys(violations),
  );
});

test.run();
