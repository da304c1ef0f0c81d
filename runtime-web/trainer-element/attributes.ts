// The attributes of <dcgan-trainer>: one row each. The properties, the observed attributes, the JSX types, the custom-elements
// manifest and the table in docs/reference/trainer.md are derived from this table; manifest and docs take the rows' doc comments as
// descriptions.
import { flag, number, oneOf, text, type PropertiesOf, type ValueOf } from '../elements/attribute-rules.ts';

/** Every attribute, with its rule. */
export const attributes = {
  /** URL of a package of networks to train, its `model.json` */
  src: text,
  /** URL of a folder of such packages with their `index.json`, as the build makes it; without `src` the element chooses by the pictures */
  networks: text,
  /** Pictures to learn from: `faces` (default), which the page draws, or the URL of a `clothes.json`; the property takes other pictures too */
  data: { ...text, fallback: 'faces' },
  /** Seed of the training; the same seed and pictures give the same training */
  seed: number(0, 0, Number.MAX_SAFE_INTEGER, true),
  /** Device to compute on; `auto` takes the faster one */
  device: oneOf('auto', 'webgpu', 'wasm'),
  /** URL of a folder with the files of the package's `dist`, where a page serves them elsewhere */
  assets: text,
  /** Ends the training after so many steps; 0 for no end */
  steps: number(0, 0, 1e9, true),
  /** Limit of steps a second, for slow motion; 0 for none */
  speed: number(0, 0, 1000, false),
  /** While the page is hidden: `continue`, or `wait` until it is shown again */
  background: oneOf('continue', 'wait'),
  /** Columns of the wall */
  width: number(8, 1, 32, true),
  /** Rows of the wall */
  height: number(4, 1, 32, true),
  /** Trains */
  playing: flag,
  /** Shows charts, timeline, buttons and panels */
  controls: flag,
  /** Enlarges the wall without smoothing */
  pixelated: flag,
} as const;

/** The name of an attribute. */
export type AttributeName = keyof typeof attributes;
/** The value of an attribute. */
export type AttributeValue<K extends AttributeName> = ValueOf<typeof attributes, K>;
/** The attributes as properties of the element; `data` is its own. */
export type AttributeProperties = Omit<PropertiesOf<typeof attributes>, 'data'>;
