// The attributes of <dcgan-plane>: one row each. The properties, the observed attributes, the types, the custom-elements manifest and the
// table in docs/reference/points-in-the-plane.md are derived from this table; manifest and docs take the rows' doc comments as descriptions.
import { flag, number, oneOf, text, type PropertiesOf, type ValueOf } from '../elements/attribute-rules.ts';
import { dataNames, type DataName } from './data.ts';

const [usualData, ...otherData] = dataNames;

/** Every attribute, with its rule. */
export const attributes = {
  /** URL of the list of packages, the `index.json` that the build makes */
  src: text,
  /** Names of one to four packages, with spaces between them; without one the list's first */
  methods: text,
  /** Points to learn: a mixture, or the visitor's drawing */
  data: oneOf<DataName>(usualData!, ...otherData),
  /** Seed of all trainings */
  seed: number(1, 0, Number.MAX_SAFE_INTEGER, true),
  /** URL of a folder with the files of the package's `dist`, where a page serves them elsewhere */
  assets: text,
  /** Trains; with reduced motion it waits for Play */
  playing: flag,
} as const;

/** The name of an attribute. */
export type AttributeName = keyof typeof attributes;
/** The value of an attribute. */
export type AttributeValue<K extends AttributeName> = ValueOf<typeof attributes, K>;
/** The attributes as properties of the element; `methods` is its own. */
export type AttributeProperties = Omit<PropertiesOf<typeof attributes>, 'methods'>;
