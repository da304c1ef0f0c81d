// Distributions of points in the plane to learn, each with the modes that samples are counted by.
import { LatentRandom } from '../random.ts';

/** A mode: its centre. */
export type Mode = readonly [x: number, y: number];

/** The modes of a distribution, and the distance up to which a point belongs to one. */
export interface Modes {
  readonly centres: readonly Mode[];
  readonly reach: number;
}

/** A distribution of points. */
export interface Mixture extends Modes {
  /** Draws one point. */
  point(random: LatentRandom): Mode;
}

/** Narrow Gaussians of equal weight; a point belongs to one up to three standard deviations from its centre. */
function gaussians(centres: readonly Mode[], deviation: number): Mixture {
  return {
    centres,
    reach: 3 * deviation,
    point(random) {
      const [x, y] = centres[Math.floor(random.uniform() * centres.length)]!;
      return [x + deviation * random.normal(), y + deviation * random.normal()];
    },
  };
}

/** Points at equal distances on a circle of radius 2. */
const onCircle = (count: number): readonly Mode[] =>
  Array.from({ length: count }, (_, k): Mode => {
    const angle = (2 * Math.PI * k) / count;
    return [2 * Math.cos(angle), 2 * Math.sin(angle)];
  });

const arcs = 16;

/** Every mixture by name. */
export const mixtures = {
  /** Eight Gaussians of deviation 0.02 on a circle of radius 2 (Metz 2017, section 3.1). */
  eight: gaussians(onCircle(8), 0.02),
  /** A circle of radius 2, of deviation 0.05, counted by 16 places whose reaches touch. */
  ring: {
    centres: onCircle(arcs),
    reach: 2 * Math.sin(Math.PI / arcs),
    point(random) {
      const angle = 2 * Math.PI * random.uniform();
      const radius = 2 + 0.05 * random.normal();
      return [radius * Math.cos(angle), radius * Math.sin(angle)];
    },
  },
  /** 25 Gaussians of deviation 0.05 on a grid of five by five, a distance of 1 apart (as in Srivastava 2017, at half their distance). */
  grid: gaussians(
    Array.from({ length: 25 }, (_, k): Mode => [(k % 5) - 2, Math.floor(k / 5) - 2]),
    0.05,
  ),
} as const satisfies Readonly<Record<string, Mixture>>;

/** A mixture's name. */
export type MixtureName = keyof typeof mixtures;
/** All names. */
export const mixtureNames = Object.keys(mixtures) as readonly MixtureName[];

/** Point `index` of a mixture, the same everywhere. */
export function pointOf(name: MixtureName, index: number): Mode {
  return mixtures[name].point(new LatentRandom(index));
}
