// The attributes of <dcgan-viewer>: each mirrored by a property of the same name, checked where it is read. A value that makes
// no sense is told once, as an `error` event, and the default is taken.

/** How an attribute's text is read. */
interface AttributeRule<T> {
  readonly fallback: T;
  /** The value, or null for text that is none. */
  read(text: string): T | null;
  /** What is expected, for messages. */
  readonly expected: string;
}

const text: AttributeRule<string> = { fallback: '', read: (value) => value, expected: 'text' };

function oneOf<const T extends string>(...choices: readonly [T, ...T[]]): AttributeRule<T> {
  return {
    fallback: choices[0],
    read: (value) => choices.find((choice) => choice === value) ?? null,
    expected: choices.join(', '),
  };
}

function number(fallback: number, least: number, most: number, isWhole: boolean): AttributeRule<number> {
  return {
    fallback,
    read(value) {
      const given = value.trim() === '' ? NaN : Number(value);
      const isRight = isWhole ? Number.isSafeInteger(given) : Number.isFinite(given);
      return isRight && given >= least && given <= most ? given : null;
    },
    expected: `a ${isWhole ? 'whole number' : 'number'} from ${least} to ${most}`,
  };
}

/** Attributes with a value. */
export const valueAttributes = {
  /** URL of the package's `model.json`. */
  src: text,
  /** What the picture shows, for those who do not see it. */
  alt: text,
  /** URL of a picture to show until the first one is drawn. */
  poster: text,
  /** `auto` and `eager` load at once, `lazy` when the element comes near the screen. */
  loading: oneOf('auto', 'lazy', 'eager'),
  /** `interaction` waits for a click or key before it loads. */
  reveal: oneOf('auto', 'interaction'),
  device: oneOf('auto', 'webgpu', 'wasm'),
  /** One picture, a grid of seeds, or a walk from seed to seed. */
  mode: oneOf('sample', 'grid', 'walk'),
  seed: number(0, 0, Number.MAX_SAFE_INTEGER - 1e6, true),
  columns: number(4, 1, 32, true),
  rows: number(4, 1, 32, true),
  /** A class, by number or name, where the model has them. */
  label: text,
  /** Scales latents: below 1 more typical, above more unusual pictures. */
  truncation: number(1, 0, 4, false),
  /** Pictures a second while playing, at most. */
  fps: number(30, 0.1, 120, false),
} as const;

/** Attributes that are there or not. */
export const flagAttributes = ['playing', 'controls', 'pixelated'] as const;

/** A name of {@link valueAttributes}. */
export type ValueAttribute = keyof typeof valueAttributes;

/** The value that an attribute has. */
export type AttributeValue<K extends ValueAttribute> =
  (typeof valueAttributes)[K] extends AttributeRule<infer T> ? T : never;

/** Reads an attribute of an element; `onBad` hears of text that is no such value. */
export function readAttribute<K extends ValueAttribute>(
  element: Element,
  name: K,
  onBad: (message: string) => void = () => undefined,
): AttributeValue<K> {
  const rule = valueAttributes[name] as AttributeRule<unknown>;
  const given = element.getAttribute(name);
  if (given === null) return rule.fallback as AttributeValue<K>;
  const value = rule.read(given);
  if (value !== null) return value as AttributeValue<K>;
  onBad(
    `${name}: got ${JSON.stringify(given)}, expected ${rule.expected}; ${String(rule.fallback)} is taken`,
  );
  return rule.fallback as AttributeValue<K>;
}
