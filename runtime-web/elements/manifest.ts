// The custom-elements manifest (schema 1.0.0) for editors and catalogues, derived from an element's sources: names and types from its
// tables and template, descriptions from their doc comments.
import type { AttributeTable } from './attribute-rules.ts';

/** The part of an element that its sources do not say in a form to read. */
export interface ElementSources {
  readonly tag: string;
  readonly className: string;
  readonly description: string;
  /** The script that defines it. */
  readonly path: string;
  readonly table: AttributeTable;
  /** Files with the table of attributes, the events, and the class. */
  readonly attributes: string;
  readonly events: string;
  readonly element: string;
  /** Files that fill the shadow DOM, and style sheets. */
  readonly shadow: readonly string[];
  readonly css: readonly string[];
  /** Descriptions of the slots. */
  readonly slots: Readonly<Record<string, string>>;
}

/** One attribute, as the manifest and the docs describe it. */
export interface AttributeDescription {
  readonly name: string;
  readonly description: string;
  /** The valid values in words, the default first. */
  readonly expected: string;
  readonly fallback: unknown;
}

/** Returns the text of a source file, by its path in this package. */
export type ReadSource = (file: string) => string;

/** The attributes with their descriptions. Throws Error for a row without a one-line doc comment. */
export function describedAttributes(
  { table, attributes }: Pick<ElementSources, 'table' | 'attributes'>,
  readSource: ReadSource,
): AttributeDescription[] {
  const about = docComments(readSource(attributes));
  return Object.entries(table).map(([name, { fallback, expected }]) => {
    return { name, fallback, expected, description: textOf(about, name) };
  });
}

/** An element's module in the manifest, as an object for JSON. Throws Error for anything public without a description. */
export function moduleOf(sources: ElementSources, readSource: ReadSource): object {
  const { tag, className, description, path, slots } = sources;
  const described = describedAttributes(sources, readSource).map(
    ({ name, description: about, expected, fallback }) => ({
      name,
      description: about,
      type: { text: expected.includes(', ') ? quoted(expected) : typeof fallback },
      default: JSON.stringify(fallback),
      fieldName: name,
    }),
  );
  const isAttribute = ([name]: readonly [string, string]): boolean => Object.hasOwn(sources.table, name);
  const element = readSource(sources.element);
  const methods = docComments(element, 'method');
  const getters = [...docComments(element, 'getter')].filter((getter) => !isAttribute(getter));
  const shadow = sources.shadow.map(readSource).join('');
  const css = sources.css.map(readSource).join('');
  const events = docComments(readSource(sources.events));
  return {
    kind: 'javascript-module',
    path,
    declarations: [
      {
        kind: 'class',
        customElement: true,
        tagName: tag,
        name: className,
        description,
        superclass: { name: 'HTMLElement' },
        attributes: described,
        members: [
          ...described.map(({ name, type, description: about }) => {
            return { kind: 'field', name, type, description: about };
          }),
          ...getters.map(([name, about]) => ({ kind: 'field', name, description: about })),
          ...[...methods].map(([name, about]) => ({ kind: 'method', name, description: about })),
        ],
        events: [...events].map(([name, about]) => {
          return { name, type: { text: 'CustomEvent' }, description: about };
        }),
        slots: unique(shadow, /'slot', \{ name: '([\w-]+)'/g).map((name) => {
          return { name, description: textOf(new Map(Object.entries(slots)), name) };
        }),
        cssParts: unique(shadow, /part: ['`]([\w-]+)/g).map((name) => ({ name })),
        cssProperties: unique(css, /var\((--dcgan[\w-]+)/g).map((name) => ({ name })),
      },
    ],
    exports: [
      {
        kind: 'custom-element-definition',
        name: tag,
        declaration: { name: className, module: path },
      },
    ],
  };
}

/** The one-line doc comments of a table's or interface's rows, or of a class's methods or getters, by name. */
function docComments(source: string, of: 'row' | 'method' | 'getter' = 'row'): ReadonlyMap<string, string> {
  const name = { row: /(?:readonly )?(\w+):/, method: /(?:async )?(\w+)\(/, getter: /get (\w+)\(/ }[of];
  const pattern = new RegExp(`^ {2}/\\*\\* (.+) \\*/\\n {2}${name.source}`, 'gm');
  return new Map([...source.matchAll(pattern)].map(([, about, found]) => [found!, about!]));
}

function textOf(descriptions: ReadonlyMap<string, string>, name: string): string {
  const description = descriptions.get(name);
  if (description === undefined) throw new Error(`${name} has no description`);
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
