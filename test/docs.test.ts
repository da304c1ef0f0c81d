// The documentation names only what exists: linked files and headings, paths, npm scripts, benches, commands and their flags.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { dcganInTurn } from './shared/command-line.ts';

const test = suite('documentation');

const pages = [
  'README.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  ...readdirSync('docs', { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('docs', name)),
];
const textOf = (page: string): string => readFileSync(page, 'utf8');
const { scripts } = JSON.parse(textOf('package.json')) as {
  readonly scripts: Readonly<Record<string, string>>;
};

const codeBlock = /^```[^]*?^```/gm;
const codeSpan = /`([^`]+)`/g;

/** The anchors of a page, as GitHub makes them of its headings. */
function anchorsOf(page: string): ReadonlySet<string> {
  const anchors = new Set<string>();
  for (const [, heading] of textOf(page)
    .replace(codeBlock, '')
    .matchAll(/^#{1,6} +(.+)$/gm)) {
    const text = heading!.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase();
    const anchor = text.replace(/[^\p{L}\p{N} _-]/gu, '').replaceAll(' ', '-');
    let count = 0;
    while (anchors.has(count === 0 ? anchor : `${anchor}-${count}`)) count += 1;
    anchors.add(count === 0 ? anchor : `${anchor}-${count}`);
  }
  return anchors;
}

/** The targets of a page's links and images that are no URLs. */
function linksOf(page: string): readonly string[] {
  const prose = textOf(page).replace(codeBlock, '').replace(codeSpan, '');
  return [...prose.matchAll(/\]\(\s*([^)\s]+)\s*\)/g)]
    .map(([, target]) => target!)
    .filter((target) => !/^[a-z]+:/.test(target));
}

/** The lines of a page's code blocks, without comments, and its code spans. */
function codeOf(page: string): readonly string[] {
  const text = textOf(page);
  const blocks = [...text.matchAll(codeBlock)].map(([block]) => block.replace(/\s*\\\n\s*/g, ' '));
  const lines = blocks.flatMap((block) => block.split('\n').map((line) => line.replace(/ #.*/, '')));
  const spans = [...text.replace(codeBlock, '').matchAll(codeSpan)];
  return [...lines, ...spans.map(([, code]) => code!.replaceAll('\n', ' '))];
}

/** The entries that are wrong, each with its page. */
function wrong(find: (page: string) => readonly string[]): readonly string[] {
  return pages.flatMap((page) => find(page).map((entry) => `${page}: ${entry}`));
}

test('every relative link and anchor resolves', () => {
  assert.ok(pages.flatMap(linksOf).length > 150);
  const broken = wrong((page) =>
    linksOf(page).filter((target) => {
      const [path, anchor] = target.split('#') as [string, string?];
      const file = path === '' ? page : join(dirname(page), path);
      return !existsSync(file) || (anchor !== undefined && !anchorsOf(file).has(anchor));
    }),
  );
  assert.equal(broken, []);
});

test('every path of a source exists; one in a room of the trainer may leave out `trainer/`', () => {
  const rooms = readdirSync('trainer', { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const isPath = new RegExp(
    `^(?:(?:trainer|runtime-web|scripts|test|demo|docs)/[\\w./-]*|(?:${rooms.map(({ name }) => name).join('|')})/[\\w./-]*(?:/|\\.ts))$`,
  );
  const missing = wrong((page) =>
    codeOf(page)
      .filter((code) => isPath.test(code) && !/[A-Z]{2}/.test(code))
      .filter((path) => !existsSync(path) && !existsSync(join('trainer', path))),
  );
  assert.equal(missing, []);
});

test('every npm script and bench exists', () => {
  const unknown = wrong((page) => {
    const text = textOf(page);
    const names = [...text.matchAll(/npm run ([\w:-]+)/g)].map(([, name]) => name!);
    const benches = [...text.matchAll(/\bbench -- ([a-z][a-z-]*)/g)].map(([, name]) => name!);
    return [
      ...names.filter((name) => !(name in scripts)),
      ...benches.filter((name) => !existsSync(`dist/scripts/bench/${name}.js`)),
    ];
  });
  assert.equal(unknown, []);
});

test('every command and flag exists', async () => {
  const { stdout } = await dcganInTurn('--help');
  const words = [...stdout.matchAll(/^ {2}([a-z][a-z-]*) /gm)].map(([, word]) => word!);
  const helps = new Map<string, string>();
  for (const word of words) helps.set(word, (await dcganInTurn(word, '--help')).stdout);
  // `npm run sample -- …`, `npm run dcgan -- walk …`, `dcgan walk …`, and `walk --…` in prose.
  const call = /(?:(?<![\w/-])dcgan (?:-- )?|npm run +(?!dcgan\b))([a-z][a-z:-]*)(?: +--(?= ))?([^|]*)/;
  const short = new RegExp(`^(${words.join('|')})( --.*)`);
  const wrongIn = (code: string): readonly string[] => {
    const [, word, rest] = short.exec(code) ?? call.exec(code) ?? [];
    if (word === undefined || (word in scripts && !helps.has(word))) return [];
    const help = helps.get(word);
    if (help === undefined) return [`${code}: no command ${word}`];
    return [...rest!.matchAll(/(?<=\s)--[a-z][\w-]*/g)]
      .map(([flag]) => flag)
      .filter((flag) => !new RegExp(` ${flag}[ \n]`).test(help))
      .map((flag) => `${code}: ${word} has no ${flag}`);
  };
  assert.equal(
    wrong((page) => codeOf(page).flatMap(wrongIn)),
    [],
  );
  assert.ok(words.length >= 15, words.join());
});

test('the reference of the commands has a section or a page for each, and its tables name only their flags', async () => {
  const [, ...sections] = textOf('docs/reference/commands.md').split(/^## /m);
  for (const section of sections) {
    const word = section.split('\n')[0]!;
    const { stdout, code } = await dcganInTurn(word, '--help');
    assert.is(code, 0, word);
    for (const [row] of section.matchAll(/^\| `--.*/gm)) {
      for (const [flag] of row.split('|')[1]!.matchAll(/--[a-z-]+/g)) {
        assert.match(stdout, `  ${flag}`, `${word} has no ${flag}`);
      }
    }
  }
});

test('the map of the trainer lists every room, and imports point down it and to the right', () => {
  const map = textOf('docs/architecture.md').split('| `trainer/` |')[1]!.split('\n\n')[0]!;
  const places = [...map.matchAll(/^\| (`.*?) \|/gm)].flatMap(([, cell]) =>
    cell!.match(/[\w-]+(?:\.ts)?(?=\/?`)/g)!,
  );
  const placeOf = (file: string): number => places.indexOf(file.split('/')[1]!);
  const files = readdirSync('trainer', { recursive: true, encoding: 'utf8' })
    .filter((name) => /(?<!\.d)\.ts$/.test(name))
    .map((name) => join('trainer', name));
  const upward = files.flatMap((file) => {
    if (placeOf(file) < 0) return [`${file} is not in the map`];
    return [...readFileSync(file, 'utf8').matchAll(/\b(?:from|import) ?\(?'(\.[^']+)'/g)]
      .map(([, path]) => join(dirname(file), path!))
      .filter((path) => path.startsWith('trainer/') && placeOf(path) < placeOf(file))
      .map((path) => `${file} imports ${path}`);
  });
  assert.equal(upward, []);
});

test.run();
