// Joins a recipe with what a user gave: given settings win, and the choices of the recipe that depend on others go with them. Only given
// settings can therefore contradict each other.
import type { ConfigLayer } from './config.ts';
import { exclusive, flagOf, type ConfigKey, type TrainConfig } from './fields.ts';
import { impliedSettings } from './implied-settings.ts';
import { sizeOfText } from './image-size.ts';
import { resolveOverDefault } from './presets.ts';
import {
  recipeChoices,
  shownMinutes,
  type RecipeChoice,
  type RecipeFacts,
  type RecipeName,
} from './recipes.ts';
import { sizeText } from '../../runtime-web/format/image-shape.ts';
import { UserError } from '../errors.ts';

/** A recipe's choices for a run; plain JSON. */
export interface AppliedRecipe {
  readonly name: RecipeName;
  /** The recipe with the facts that it looked at: `modern, for 3,391 images, 64x64 and 15 minutes`. */
  readonly title: string;
  /** A sentence for each choice, with its flags. */
  readonly reasons: readonly string[];
}

type Given = Partial<TrainConfig>;

/** The data of a run, as far as a recipe depends on them. */
export type RecipeData = Pick<RecipeFacts, 'isBuiltIn' | 'images'>;

/**
 * The configuration of these layers with a recipe under them, and what the recipe chose. With `isMethodOnly` the recipe chooses neither
 * width, batch nor length, for layers on a preset. Throws UserError if the layers contradict each other.
 */
export function resolveWithRecipe(
  layers: { readonly base: readonly ConfigLayer[]; readonly given: readonly ConfigLayer[] },
  name: RecipeName,
  data: RecipeData,
  { isMethodOnly = false } = {},
): { readonly config: TrainConfig; readonly recipe: AppliedRecipe } {
  const given = merged(layers.given);
  const below: Given = { ...merged(layers.base), ...given };
  const size = sizeOfText(below.imageSize ?? resolveOverDefault([]).imageSize)!;
  const minutes = given.minutes ?? null;
  const facts: RecipeFacts = { ...data, size, minutes };
  const parts: readonly RecipeChoice['part'][] = ['method', 'augmentation', 'average'];
  const choices = recipeChoices(name, facts).filter(({ part }) => !isMethodOnly || parts.includes(part));
  const against = reasonAgainstMethod(given, choices);
  const kept = choices
    .filter(({ part }) => part !== 'method' || against === null)
    .map((choice) => ({ ...choice, values: beside(given, choice.values) }));
  const all = [...layers.base, ...layers.given];
  // The recipe comes last: it sets nothing that is given, and what a given choice implies would otherwise take its place.
  const resolve = (some: readonly RecipeChoice[]): TrainConfig =>
    resolveOverDefault([
      ...all,
      ...some.map(({ part, values }) => ({
        source: `recipe ${name}: ${part}`,
        values,
        hasImplied: false,
      })),
    ]);
  const used = compatible(kept, resolve);
  const config = resolve(used);
  const left = choices.find(({ part }) => part === 'method' && !used.some((choice) => choice.part === part));
  const shape = `${data.images.toLocaleString('en')} images, ${sizeText(size)}`;
  return {
    config,
    recipe: {
      name,
      title: `${name}, for ${shape}${minutes === null ? '' : ` and ${shownMinutes(minutes)}`}`,
      reasons: [
        ...used.flatMap(({ values, reason }) => reasonText(values, reason)),
        ...(left === undefined
          ? []
          : [`without its loss and penalties, because of ${against ?? 'the flags'}`]),
      ],
    },
  };
}

/** All choices if they make a valid configuration, else each one that does with those before it. */
function compatible(
  choices: readonly RecipeChoice[],
  resolve: (some: readonly RecipeChoice[]) => unknown,
): readonly RecipeChoice[] {
  const isValid = (some: readonly RecipeChoice[]): boolean => {
    try {
      resolve(some);
      return true;
    } catch (error) {
      if (error instanceof UserError) return false;
      throw error;
    }
  };
  if (isValid(choices)) return choices;
  return choices.reduce<readonly RecipeChoice[]>((some, choice) => {
    const more = [...some, choice];
    return isValid(more) ? more : some;
  }, []);
}

/** The flag for which a recipe's loss, penalties and optimiser are left out as a whole; null if they go with everything given. */
function reasonAgainstMethod(given: Given, choices: readonly RecipeChoice[]): string | null {
  const method = choices.find(({ part }) => part === 'method')?.values ?? {};
  const hasPenalties = (method.r1 ?? 0) > 0 || (method.r2 ?? 0) > 0;
  const { objective, network, condition, discriminatorNorm } = given;
  const goesWithPenalties = ['relativistic', 'hinge', 'non-saturating'].includes(objective ?? 'hinge');
  const found: readonly (readonly [boolean, ConfigKey])[] = [
    [!goesWithPenalties, 'objective'],
    // Each family has a recipe of its own.
    [network !== undefined && network !== (method.network ?? 'dcgan'), 'network'],
    // The codes' rates are tuned to the paper's loss.
    [condition === 'info', 'condition'],
    [hasPenalties && discriminatorNorm === 'batch', 'discriminatorNorm'],
    [hasPenalties && (given.unroll ?? 0) > 0, 'unroll'],
    [hasPenalties && (given.labelSmoothing ?? 0) > 0, 'labelSmoothing'],
  ];
  const key = found.find(([isAgainst]) => isAgainst)?.[1];
  return key === undefined ? null : `${flagOf(key)} ${String(given[key])}`;
}

/** Keys of a recipe that go when another key is given. */
const dependents: Partial<Readonly<Record<ConfigKey, readonly ConfigKey[]>>> = {
  schedule: ['learningRateEnd', 'burnIn'],
  learningRateEnd: ['burnIn'],
  averageDecay: ['averageRampUp'],
};

/** The values of a choice that nothing given replaces. */
function beside(given: Given, values: Partial<TrainConfig>): Partial<TrainConfig> {
  const keys = Object.keys(given) as ConfigKey[];
  const { r1, r2, accumulate, warmup = 0 } = given;
  const penaltyKeys: readonly ConfigKey[] = ['r1Every', 'penaltyEnd'];
  const replaced = new Set<ConfigKey>([
    ...keys,
    ...(r1 === 0 && r2 === 0 ? penaltyKeys : []),
    ...keys.flatMap((key) => dependents[key] ?? []),
    ...exclusive.flatMap((group) => (group.keys.some((key) => given[key] != null) ? group.keys : [])),
  ]);
  const left = Object.fromEntries(
    Object.entries(values).filter(([key]) => !replaced.has(key as ConfigKey)),
  ) as { -readonly [K in ConfigKey]?: TrainConfig[K] };
  // One weight for both penalties, unless both are given.
  if (left.r1 !== undefined && r2 !== undefined && r2 > 0) left.r1 = r2;
  if (left.r2 !== undefined && r1 !== undefined && r1 > 0) left.r2 = r1;
  if (left.batch !== undefined && accumulate !== undefined) {
    left.batch = Math.max(2, Math.floor(left.batch / accumulate)) * accumulate;
  }
  // A run ends after its warm-up.
  if (left.images != null && warmup > 0) {
    const { batch = 128, criticSteps = 1 } = { ...impliedSettings(given), ...given };
    left.images = Math.max(left.images, 2 * warmup * batch * criticSteps);
  }
  return left;
}

/** A choice as a line; none for a choice of which nothing is left. */
function reasonText(values: Partial<TrainConfig>, reason: string): readonly string[] {
  const flags = Object.entries(values).map(
    ([key, value]) => `${flagOf(key as ConfigKey)} ${String(value ?? 'none')}`,
  );
  return flags.length === 0 ? [] : [`${flags.join(' ')}: ${reason}`];
}

function merged(layers: readonly ConfigLayer[]): Given {
  return Object.assign({}, ...layers.map(({ values }) => values)) as Given;
}
