// The types that a page's TypeScript sees: events with their detail, and the elements in JSX. Each snippet is type-checked for real.
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import ts from 'typescript';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { temporaryFolder } from '../shared/temporary-folder.ts';

const test = suite("the elements' types");

/** Snippets of a page's code. In `wrong`, lines 2 to 8 are wrong, in `wrongTrainer` 2 to 7. */
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
  trainerEvents: `
    const trainer = document.querySelector('dcgan-trainer')!;
    trainer.addEventListener('report', ({ detail: { report } }) => void (report.step + report.dLoss));
    trainer.addEventListener('sample', ({ detail }) => void detail.images[0]!.width, { once: true });
    trainer.addEventListener('collapse', ({ detail }) => void detail.reason.length);
    trainer.addEventListener('done', function ({ detail }) { this.reset(); void detail.report.images; });
    trainer.addEventListener('click', (event) => void event.clientX);
    trainer.data = { images: new Uint8Array(12 * 32 * 32 * 3) }; trainer.data = 'faces';
    trainer.strings = { play: 'Los' };
    // @ts-expect-error -- there is no such detail
    trainer.addEventListener('done', ({ detail }) => void detail.reason);
    // @ts-expect-error -- there is no such text
    trainer.strings = { plai: 'Los' };`,
  trainerJsx: `
    const images = new Uint8Array(12 * 32 * 32 * 3);
    export const trainers = [
      <dcgan-trainer
        networks="networks/" seed={3} width="4" height={2} playing controls={false} device="wasm" speed={null}
        strings={{ play: 'Los' }} data={{ images }} id="a" class="b" style={{ inlineSize: '80px' }} key={1}
        data-test={1} aria-label="A training" slot="main" onClick={(event) => void event.clientX}
        onload={({ detail }) => void detail.device.name} onreport={({ detail }) => void detail.report.step}
        onsample={({ detail }) => void detail.seeds} oncollapse={({ detail }) => void detail.reason}
        ondone={({ detail }) => void detail.report} onerror={({ detail }) => void detail.error.message}
      />,
      <dcgan-trainer data="clothes.json"><p slot="poster" /></dcgan-trainer>,
    ];
    declare global { namespace JSX { interface IntrinsicElements { p: { slot?: string } } } }`,
  wrongTrainer: `
    export const all = [
      <dcgan-trainer device="gpu" />,
      <dcgan-trainer seed={true} />,
      <dcgan-trainer data={3} />,
      <dcgan-trainer onLoad={() => undefined} />,
      <dcgan-trainer onProgress={() => undefined} />,
      <dcgan-trainer sead={3} />,
    ];`,
  react: `
    import { useRef } from 'react';
    export function App() {
      const trainer = useRef<import('RUNTIME/trainer.ts').DcganTrainer>(null);
      return (
        <main onClick={() => void trainer.current?.frames}>
          <dcgan-trainer ref={trainer} networks="networks/" seed={3} controls className="a" style={{ width: 200 }}
            onreport={({ detail }) => void detail.report.step} onKeyDown={(event) => void event.key} />
          <dcgan-viewer src="model.json" seed={42} style={{ width: 200 }} />
        </main>
      );
    }
    // @ts-expect-error -- there is no such attribute
    export const wrong = () => <dcgan-trainer sead={3} />;`,
};
/** The entries that a snippet imports: those of the elements, or that of React. */
const entriesOf = (name: string): readonly string[] =>
  name === 'react' ? ['react.ts', 'trainer.ts'] : ['index.ts', 'trainer.ts'];

/** The errors of each snippet, `LINE: message`, in a strict program that sees no types but those of the runtime and the browser. */
function checked(
  names: readonly (keyof typeof snippets)[],
): Readonly<Record<keyof typeof snippets, readonly string[]>> {
  const folder = temporaryFolder();
  const fileOf = (name: string): string => join(folder, `${name}.tsx`);
  const runtime = resolve('runtime-web');
  for (const name of names) {
    const imports = entriesOf(name).map((entry) => `import type {} from '${join(runtime, entry)}';`);
    const text = snippets[name].replaceAll('RUNTIME', runtime);
    const pragma = name === 'react' ? '/** @jsxImportSource react */ ' : '';
    writeFileSync(fileOf(name), `${pragma}${imports.join(' ')}${text}\nexport {};\n`);
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
        // The snippets lie where no packages are.
        paths: Object.fromEntries(
          ['react', 'react/jsx-runtime'].map((name) => [name, [resolve('node_modules', '@types', name)]]),
        ),
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

// React's types change JSX for a whole program, so they have one of their own.
const react = checked(['react']).react;
const plain = checked(
  (Object.keys(snippets) as (keyof typeof snippets)[]).filter((name) => name !== 'react'),
);

test("an event's detail has its type, with addEventListener and removeEventListener", () => {
  assert.equal(plain.events, []);
});

test('JSX takes its attributes, its events, and what every element has', () => {
  assert.equal(plain.jsx, []);
});

test('JSX refuses unknown values, and the events that React never calls', () => {
  const lines = plain.wrong.map((error) => Number(error.split(':')[0]));
  assert.equal(lines, [2, 3, 4, 5, 6, 7, 8], plain.wrong.join('\n'));
});

test("the trainer's events have types, and JSX takes its attributes, its events and pictures", () => {
  assert.equal(plain.trainerEvents, []);
  assert.equal(plain.trainerJsx, []);
  const lines = plain.wrongTrainer.map((error) => Number(error.split(':')[0]));
  assert.equal(lines, [2, 3, 4, 5, 6, 7], plain.wrongTrainer.join('\n'));
});

test('React types both elements', () => {
  assert.equal(react, []);
});

test.run();
