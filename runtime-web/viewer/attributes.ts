// The attributes of <dcgan-viewer>: one row each. The properties, the observed attributes, the JSX types, the custom-elements manifest
// and the table in docs/reference/viewer.md are derived from this table; the manifest and the docs take the rows' doc comments as descriptions.

import type { Condition } from '../format/wanted-values.ts';
import { maxTruncation } from '../format/max-truncation.ts';
import {
  flag,
  number,
  oneOf,
  text,
  type AttributeRule,
  type PropertiesOf,
  type ValueOf,
} from '../elements/attribute-rules.ts';

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
export type AttributeValue<K extends AttributeName> = ValueOf<typeof attributes, K>;

/** The attributes as properties of the element. */
export type AttributeProperties = PropertiesOf<typeof attributes>;
