// The table of an avatar's attributes, which is also the ground truth for evaluating a trained model, and the random choice of
// one avatar's attributes, each independent of the others.
import { Random } from '../random.ts';

/** Names of hair styles. */
export const hairStyles = ['swept', 'fringe', 'curly', 'spiky', 'pigtails'] as const;
/** Names of hair colours, dark to light, then a dyed one. */
export const hairColours = ['black', 'brown', 'chestnut', 'ginger', 'blond', 'silver', 'pink'] as const;
/** Names of skin tones, light to dark. */
export const skinTones = ['porcelain', 'fair', 'honey', 'tan', 'brown', 'deep'] as const;
/** Names of eye colours. */
export const eyeColours = ['brown', 'green', 'blue', 'grey'] as const;
/** Names of background colours. */
export const backgrounds = ['sky', 'mint', 'lemon', 'peach', 'rose', 'lilac', 'sand', 'slate'] as const;
/** Names of the colours of clothes and hats. */
export const clothesColours = ['red', 'blue', 'green', 'yellow', 'purple', 'charcoal', 'white'] as const;

/** The description of one attribute, one float per avatar: 0 or 1, an index into `values`, or a number in `range`. */
export interface AvatarAttribute {
  readonly name: keyof AvatarAttributes;
  readonly kind: 'binary' | 'categorical' | 'continuous';
  /** The categories' names, in order; null for the other kinds. */
  readonly values: readonly string[] | null;
  /** Smallest and largest value. */
  readonly range: readonly [number, number];
}

/** Everything that determines an avatar's image. */
export interface AvatarAttributes {
  readonly glasses: boolean;
  readonly hat: boolean;
  readonly smile: boolean;
  readonly mouthOpen: boolean;
  readonly beard: boolean;
  readonly earrings: boolean;
  readonly freckles: boolean;
  readonly thickBrows: boolean;
  readonly hairStyle: (typeof hairStyles)[number];
  readonly hairColour: (typeof hairColours)[number];
  readonly skinTone: (typeof skinTones)[number];
  readonly eyeColour: (typeof eyeColours)[number];
  readonly background: (typeof backgrounds)[number];
  readonly clothes: (typeof clothesColours)[number];
  /** 0 short to 1 past the shoulders. */
  readonly hairLength: number;
  /** -1 long with a narrow chin, 1 broad with a square jaw. */
  readonly faceShape: number;
  /** Pose: -1 turned to the image's left, 1 to its right. */
  readonly yaw: number;
  /** Direction of the light: -1 from the image's left, 1 from its right. */
  readonly light: number;
}

/** Distribution and description of one attribute. */
type Rule =
  | { readonly kind: 'binary'; readonly share: number }
  | { readonly kind: 'categorical'; readonly values: readonly string[] }
  | { readonly kind: 'continuous'; readonly range: readonly [number, number] };

// This is also the order of the vectors and of the random numbers: an insertion in the middle changes every avatar.
const rules: Readonly<Record<keyof AvatarAttributes, Rule>> = {
  glasses: { kind: 'binary', share: 0.35 },
  hat: { kind: 'binary', share: 0.3 },
  smile: { kind: 'binary', share: 0.6 },
  mouthOpen: { kind: 'binary', share: 0.4 },
  beard: { kind: 'binary', share: 0.3 },
  earrings: { kind: 'binary', share: 0.4 },
  freckles: { kind: 'binary', share: 0.4 },
  thickBrows: { kind: 'binary', share: 0.5 },
  hairStyle: { kind: 'categorical', values: hairStyles },
  hairColour: { kind: 'categorical', values: hairColours },
  skinTone: { kind: 'categorical', values: skinTones },
  eyeColour: { kind: 'categorical', values: eyeColours },
  background: { kind: 'categorical', values: backgrounds },
  clothes: { kind: 'categorical', values: clothesColours },
  hairLength: { kind: 'continuous', range: [0, 1] },
  faceShape: { kind: 'continuous', range: [-1, 1] },
  yaw: { kind: 'continuous', range: [-1, 1] },
  light: { kind: 'continuous', range: [-1, 1] },
};

const names = Object.keys(rules) as (keyof AvatarAttributes)[];

/** The attributes' names, kinds, categories and ranges, in the order of {@link avatarVector}. */
export const avatarTable: readonly AvatarAttribute[] = names.map((name) => {
  const rule = rules[name];
  if (rule.kind === 'continuous') return { name, kind: rule.kind, values: null, range: rule.range };
  if (rule.kind === 'binary') return { name, kind: rule.kind, values: null, range: [0, 1] };
  return { name, kind: rule.kind, values: rule.values, range: [0, rule.values.length - 1] };
});

/**
 * The attributes of avatar `index` of the infinite set `seed`; always the same. @param index an integer in [0, 2^32).
 * @param seed an integer in [0, 2^21). Throws RangeError.
 */
export function avatarAttributes(index: number, seed: number): AvatarAttributes {
  if (!Number.isInteger(index) || index < 0 || index >= 2 ** 32) {
    throw new RangeError(`avatar index: got ${index}, expected an integer in [0, 2^32)`);
  }
  if (!Number.isInteger(seed) || seed < 0 || seed >= 2 ** 21) {
    throw new RangeError(`avatar seed: got ${seed}, expected an integer in [0, 2^21)`);
  }
  const random = new Random(seed * 2 ** 32 + index);
  const values = names.map((name) => [name, sample(rules[name], random)]);
  return Object.fromEntries(values) as unknown as AvatarAttributes;
}

/** An avatar's attributes as numbers: 0 or 1, an index into the categories, or the value itself. */
export function avatarVector(attributes: AvatarAttributes): Float32Array {
  return Float32Array.from(names, (name) => {
    const value = attributes[name];
    const rule = rules[name];
    return rule.kind === 'categorical' ? rule.values.indexOf(String(value)) : Number(value);
  });
}

function sample(rule: Rule, random: Random): boolean | string | number {
  const uniform = random.uniform();
  if (rule.kind === 'binary') return uniform < rule.share;
  if (rule.kind === 'categorical') return rule.values[Math.floor(uniform * rule.values.length)]!;
  return rule.range[0] + uniform * (rule.range[1] - rule.range[0]);
}
