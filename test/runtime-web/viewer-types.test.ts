// The types that a page's TypeScript sees: events with their detail, and the element in JSX. Each snippet is type-checked for real.
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import ts from 'typescript';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { temporaryFolder } from '../shared/temporary-folder.ts';

const test = suite("the viewer's types");

/** Snippets of a page's code. In the last one, lines 2 to 8 are wrong. */
const snippets = {
  events: `
    const viewer = document.querySelector('dcgan-viewer')!;
    viewer.addEventListener('load', (event) => { const name: string = event.detail.model.name; void name; });
    viewer.addEventListener('change', ({ detail }) => { const [seed] = detail.seeds; void (seed! + 1); }, { once: true });
    viewer.addEventListener('error', function ({ detail }) { this.pause(); void detail.error.message; });
    viewer.addEventListener('progress', ({ detail: { loaded, total } }) => void (loaded / total));
    viewer.addEventListener('click', (event) => void event.clientX);
    viewer.addEventListener('made-up', { handleEvent(event) { void event.type; } });
    const listener = (event: CustomEvent<{ readonly seeds: readonly number[] }>): void => void event.detail.seeds;
    viewer.addEventListener('change', listener);
    viewer.removeEventListener('change', listener);
    const element: HTMLElement = viewer; element.addEventListener('load', (event: Event) => void event);
    viewer.strings = { next: 'Vor' };
    viewer.condition = { smiling: true, age: 30 }; viewer.condition = 'smiling=1 age=30';
    // @ts-expect-error -- there is no such detail
    viewer.addEventListener('change', ({ detail }) => void detail.model);
    // @ts-expect-error -- there is no such text
    viewer.strings = { nexxt: 'Vor' };`,
  jsx: `
    const more = { 'data-id': 3, 'aria-describedby': 'text' };
    const src: string | undefined = Math.random() > 2 ? 'model.json' : undefined;
    export const viewer = (
      <dcgan-viewer
        src={src} seed={3} columns="4" label={null} playing controls={false} mode="walk" strings={{ next: 'Vor' }}
        condition={{ smiling: true, age: 30, 'wavy hair': 'no' }}
        id="a" class="b" className="c" style={{ inlineSize: '80px' }} key={1} ref={(element: unknown) => void element}
        data-test={1} aria-label="A face" {...more} title="Face" slot="main" tabIndex={-1} hidden={false}
        onClick={(event) => void event.clientX} onclick={(event) => void event.clientX}
        onKeyDown={(event) => void event.key} onPointerEnter={(event) => void event.pointerType}
        onFocus={(event) => void event.relatedTarget}
        onload={(event) => void event.detail.model.name} onchange={({ detail }) => void detail.seeds}
        onerror={({ detail }) => void detail.error} onprogress={({ detail }) => void detail.total}
      >
        <dcgan-viewer slot="poster" />
      </dcgan-viewer>
    );`,
  wrong: `
    export const all = [
      <dcgan-viewer mode="spiral" />,
      <dcgan-viewer seed={true} />,
      <dcgan-viewer onLoad={() => undefined} />,
      <dcgan-viewer onChange={() => undefined} />,
      <dcgan-viewer onError={() => undefined} />,
      <dcgan-viewer sead={3} />,
      <dcgan-viewer condition={3} />,
    ];`,
};

/** The errors of each snippet, `LINE: message`, in a strict program that sees no types but those of the runtime and the browser. */
function checkedSnippets(): Readonly<Record<keyof typeof snippets, readonly string[]>> {
  const folder = temporaryFolder();
  const names = Object.keys(snippets) as (keyof typeof snippets)[];
  const fileOf = (name: string): string => join(folder, `${name}.tsx`);
  const runtime = resolve('runtime-web', 'index.ts');
  for (const name of names) {
    writeFileSync(fileOf(name), `import type {} from '${runtime}';${snippets[name]}\nexport {};\n`);
  }
  const { options, errors } = ts.convertCompilerOptionsFromJson(
    {
      ...{
        target: 'es2022',
        module: 'esnext',
        moduleResolution: 'bundler',
        lib: ['es2024', 'dom', 'dom.iterable'],
      },
      ...{
        strict: true,
        exactOptionalPropertyTypes: true,
        noEmit: true,
        skipLibCheck: true,
        jsx: 'preserve',
      },
      ...{ allowImportingTsExtensions: true, allowArbitraryExtensions: true, types: ['@webgpu/types'] },
    },
    resolve('.'),
  );
  assert.equal(errors, []);
  const program = ts.createProgram(names.map(fileOf), options);
  const errorsOf = (name: string): string[] =>
    program
      .getSemanticDiagnostics(program.getSourceFile(fileOf(name)))
      .map(({ messageText, start, file }) => {
        const { line } = file!.getLineAndCharacterOfPosition(start!);
        return `${line}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
      });
  return Object.fromEntries(names.map((name) => [name, errorsOf(name)])) as Record<
    keyof typeof snippets,
    string[]
  >;
}

const checked = checkedSnippets();

test("an event's detail has its type, with addEventListener and removeEventListener", () => {
  assert.equal(checked.events, []);
});

test('JSX takes its attributes, its events, and what every element has', () => {
  assert.equal(checked.jsx, []);
});

test('JSX refuses unknown values, and the events that React never calls', () => {
  const lines = checked.wrong.map((error) => Number(error.split(':')[0]));
  assert.equal(lines, [2, 3, 4, 5, 6, 7, 8], checked.wrong.join('\n'));
});

test.run();
