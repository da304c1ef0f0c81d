// The attributes of <dcgan-viewer>: one row each. The properties, the observed attributes, the JSX types, the custom-elements manifest
// and the table in docs/reference/viewer.md are derived from this table; the manifest and the docs take the rows' doc comments as descriptions.

import type { Condition } from '../format/wanted-values.ts';
import { maxTruncation } from '../format/max-truncation.ts';

/** Conversion of an attribute's text to a value. `Jsx` is the type that JSX accepts for it. */
interface AttributeRule<T, Jsx = T> {
  readonly fallback: T;
  /** The value, or null for invalid text. */
  read(text: string): T | null;
  /** The valid values, for messages. */
  readonly expected: string;
  /** Exists for the type checker only. */
  readonly jsx?: Jsx;
}

const text: AttributeRule<string> = { fallback: '', read: (value) => value, expected: 'text' };
const textOrNumber: AttributeRule<string, string | number> = text;
const textOrCondition: AttributeRule<string | Condition> = {
  fallback: '',
  // A condition that was set as an object is JSON.
  read(value) {
    if (value[0] !== '{') return value;
    try {
      return JSON.parse(value) as Condition;
    } catch {
      return null;
    }
  },
  expected: 'text',
};
const flag: AttributeRule<boolean> = { fallback: false, read: () => true, expected: 'flag' };

function oneOf<const T extends string>(...choices: readonly [T, ...T[]]): AttributeRule<T> {
  return {
    fallback: choices[0],
    read: (value) => choices.find((choice) => choice === value) ?? null,
    expected: choices.join(', '),
  };
}

function number(
  fallback: number,
  min: number,
  max: number,
  isWhole: boolean,
): AttributeRule<number, number | string> {
  return {
    fallback,
    read(value) {
      const given = value.trim() === '' ? NaN : Number(value);
      const isRight = isWhole ? Number.isSafeInteger(given) : Number.isFinite(given);
      return isRight && given >= min && given <= max ? given : null;
    },
    expected: `a ${isWhole ? 'whole number' : 'number'} from ${min} to ${max}`,
  };
}

/** Every attribute, with its rule. */
export const attributes = {
  /** URL of the package's `model.json` */
  src: text,
  /** Description of the image, for people who cannot see it */
  alt: text,
  /** URL of an image to show until the first one is generated */
  poster: text,
  /** `auto` and `eager` load at once, `lazy` when the element comes near the screen */
  loading: oneOf('auto', 'lazy', 'eager'),
  /** `interaction` waits for a click or key before it loads */
  reveal: oneOf('auto', 'interaction'),
  /** Device to compute on; `auto` takes the faster one */
  device: oneOf('auto', 'webgpu', 'wasm'),
  /** URL of a folder with the files of the package's `dist`, where a page serves them elsewhere */
  assets: text,
  /** One image, a grid of seeds, or a walk from seed to seed */
  mode: oneOf('sample', 'grid', 'walk'),
  /** Number of the image; seed 42 is the same image everywhere */
  seed: number(0, 0, Number.MAX_SAFE_INTEGER - 1e6, true),
  /** Columns of a grid */
  columns: number(4, 1, 32, true),
  /** Rows of a grid */
  rows: number(4, 1, 32, true),
  /** A class, by number or name, for a model with classes */
  label: textOrNumber,
  /** Attributes, numbers, class or codes by name, such as `smiling=1 age=30`; as a property an object too */
  condition: textOrCondition,
  /** Scale of latents: below 1 more typical images, above 1 more unusual ones */
  truncation: number(1, 0, maxTruncation, false),
  /** Limit in seconds of one run of the network; one that takes longer is ended, with a message */
  timeout: number(60, 1, 86_400, false),
  /** Limit of images a second while playing */
  fps: number(30, 0.1, 120, false),
  /** Plays: steps or walks on from seed to seed */
  playing: flag,
  /** Shows buttons */
  controls: flag,
  /** Enlarges without smoothing */
  pixelated: flag,
} as const;

/** The name of an attribute. */
export type AttributeName = keyof typeof attributes;

/** The value of an attribute. */
export type AttributeValue<K extends AttributeName> =
  (typeof attributes)[K] extends AttributeRule<infer T, unknown> ? T : never;

/** The attributes as properties of the element. */
export type AttributeProperties = { -readonly [K in keyof typeof attributes]: AttributeValue<K> };

/** The attributes as JSX takes them. */
export type JsxAttributes = {
  -readonly [K in keyof typeof attributes]?: (typeof attributes)[K]['jsx'] | null | undefined;
};

/** Reads an attribute of an element; `onInvalid` receives a message about invalid text, and the default is used. */
export function readAttribute<K extends AttributeName>(
  element: Element,
  name: K,
  onInvalid: (message: string) => void = () => undefined,
): AttributeValue<K> {
  const rule = attributes[name] as AttributeRule<unknown>;
  const given = element.getAttribute(name);
  const value = given === null ? rule.fallback : rule.read(given);
  if (value !== null) return value as AttributeValue<K>;
  onInvalid(
    `${name}: got ${JSON.stringify(given)}, expected ${rule.expected}; ${String(rule.fallback)} is taken`,
  );
  return rule.fallback as AttributeValue<K>;
}
