// The custom-elements manifest (schema 1.0.0) for editors and catalogues, derived from the element's sources: names and types from its
// tables and template, descriptions from their doc comments.
import { attributes, type AttributeName, type AttributeValue } from './attributes.ts';

const slots: Readonly<Record<string, string>> = {
  poster: 'Shown until the first image is generated',
  error: 'Shown when loading or generating failed',
  controls: 'Replaces the buttons, where the attribute controls shows them',
};

/** One attribute, as the manifest and the docs describe it. */
export interface AttributeDescription {
  readonly name: string;
  readonly description: string;
  /** The valid values in words, the default first. */
  readonly expected: string;
  readonly fallback: AttributeValue<AttributeName>;
}

/**
 * The attributes with their descriptions. `readSource` returns the text of a file of this folder. Throws Error for a row without a
 * one-line doc comment.
 */
export function describedAttributes(readSource: (file: string) => string): AttributeDescription[] {
  const about = docComments(readSource('attributes.ts'));
  return Object.entries(attributes).map(([name, { fallback, expected }]) => {
    return { name, fallback, expected, description: textOf(about, name) };
  });
}

/** The manifest, as an object for JSON. `readSource` returns the text of a file of this folder. */
export function customElementsManifest(readSource: (file: string) => string): object {
  const described = describedAttributes(readSource).map(({ name, description, expected, fallback }) => ({
    name,
    description,
    type: { text: expected.includes(', ') ? quoted(expected) : typeof fallback },
    default: JSON.stringify(fallback),
    fieldName: name,
  }));
  const methods = docComments(readSource('viewer.ts'), 'method');
  const getters = docComments(readSource('viewer.ts'), 'getter');
  const shadow = readSource('template.ts') + readSource('buttons.ts');
  const events = docComments(readSource('events.ts'));
  return {
    schemaVersion: '1.0.0',
    modules: [
      {
        kind: 'javascript-module',
        path: 'dist/element.js',
        declarations: [
          {
            kind: 'class',
            customElement: true,
            tagName: 'dcgan-viewer',
            name: 'DcganViewer',
            description: 'A live image generator',
            superclass: { name: 'HTMLElement' },
            attributes: described,
            members: [
              ...described.map(({ name, type, description }) => ({ kind: 'field', name, type, description })),
              ...[...getters].map(([name, description]) => ({ kind: 'field', name, description })),
              ...[...methods].map(([name, description]) => ({ kind: 'method', name, description })),
            ],
            events: [...events].map(([name, description]) => ({
              name,
              type: { text: 'CustomEvent' },
              description,
            })),
            slots: unique(shadow, /'slot', \{ name: '([\w-]+)'/g).map((name) => ({
              name,
              description: textOf(new Map(Object.entries(slots)), name),
            })),
            cssParts: unique(shadow, /part: '([\w-]+)'/g).map((name) => ({ name })),
            cssProperties: unique(
              readSource('viewer.css') + readSource('buttons.css'),
              /var\((--[\w-]+)/g,
            ).map((name) => ({ name })),
          },
        ],
        exports: [
          {
            kind: 'custom-element-definition',
            name: 'dcgan-viewer',
            declaration: { name: 'DcganViewer', module: 'dist/element.js' },
          },
        ],
      },
    ],
  };
}

/** The one-line doc comments of a table's or interface's rows, or of a class's methods or getters, by name. */
function docComments(source: string, of: 'row' | 'method' | 'getter' = 'row'): ReadonlyMap<string, string> {
  const name = { row: /(?:readonly )?(\w+):/, method: /(\w+)\(/, getter: /get (\w+)\(/ }[of];
  const pattern = new RegExp(`^ {2}/\\*\\* (.+) \\*/\\n {2}${name.source}`, 'gm');
  return new Map([...source.matchAll(pattern)].map(([, about, found]) => [found!, about!]));
}

function textOf(descriptions: ReadonlyMap<string, string>, name: string): string {
  const description = descriptions.get(name);
  if (description === undefined) throw new Error(`<dcgan-viewer>: ${name} has no description`);
  return description;
}

const unique = (source: string, pattern: RegExp): string[] => [
  ...new Set([...source.matchAll(pattern)].map(([, name]) => name!)),
];

const quoted = (choices: string): string =>
  choices
    .split(', ')
    .map((choice) => `'${choice}'`)
    .join(' | ');
