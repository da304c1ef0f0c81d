// The recipe of a new run: whether it has one, and its configuration by the number of its images.
import { resolveWithRecipe, type AppliedRecipe } from '../../config/apply-recipe.ts';
import type { ConfigLayer } from '../../config/config.ts';
import { checkLayer } from '../../config/config.ts';
import type { TrainConfig } from '../../config/fields.ts';
import { resolveOverDefault } from '../../config/presets.ts';
import { minImages } from '../../../runtime-web/format/training/image-counts.ts';
import type { RecipeName } from '../../config/recipes.ts';
import { countImages } from '../../data/dataset.ts';
import { UserError } from '../../errors.ts';
import { dataOfConfig } from '../../run/run-data.ts';

/** The configuration of a run, and the recipe that chose a part of it; null without one. */
export interface ChosenConfig {
  readonly config: TrainConfig;
  readonly recipe: AppliedRecipe | null;
}

/** The part of a command line that says whether a run has a recipe. */
export interface RecipeRequest {
  /** `--recipe`; null if it is not given. */
  readonly recipe: RecipeName | null;
  readonly preset: string | null;
  readonly config: string | null;
}

/**
 * The configuration of a new run on random weights. It has a recipe if `--recipe` asks for one, or if nobody has chosen by `--preset` or
 * `--config`. Throws UserError for contradictory settings, and for too few images to learn from.
 */
export async function configByRecipe(
  layers: { readonly base: readonly ConfigLayer[]; readonly given: readonly ConfigLayer[] },
  { recipe, preset, config: file }: RecipeRequest,
  signal: AbortSignal,
): Promise<ChosenConfig> {
  const all = [...layers.base, ...layers.given];
  if (recipe === null && (preset !== null || file !== null)) {
    return { config: resolveOverDefault(all), recipe: null };
  }
  for (const { source, values } of all) checkLayer(source, values);
  const values = Object.assign({}, ...all.map((layer) => layer.values)) as Partial<TrainConfig>;
  if (recipe === 'paper' && (values.network ?? 'dcgan') !== 'dcgan') {
    throw new UserError(
      `--recipe paper and --network ${values.network} contradict each other: the recipe is that of the DCGAN paper; ` +
        'leave --network out, or take --recipe modern',
    );
  }
  const known = { ...resolveOverDefault([]), ...values };
  const isBuiltIn = known.data === 'avatars';
  // The built-in faces have no other labels, which the configuration says when it is resolved.
  const labels = isBuiltIn ? null : known.labels;
  const images = await countImages({ ...dataOfConfig({ ...known, labels }), signal });
  if (images < minImages) throw tooFew(known.data, images);
  const data = { isBuiltIn, images };
  const chosen = resolveWithRecipe(layers, recipe ?? 'modern', data, { isMethodOnly: preset !== null });
  if (chosen.recipe.reasons.length > 0) return chosen;
  const nothing = 'nothing to choose: what is not given has its default';
  return { ...chosen, recipe: recipe === null ? null : { ...chosen.recipe, reasons: [nothing] } };
}

function tooFew(data: string, images: number): UserError {
  const found = `${images} ${images === 1 ? 'image is' : 'images are'}`;
  const despite =
    images < 2 ? '' : `, or give --preset default --batch ${images} to train on these all the same`;
  return new UserError(
    `data ${data}: ${found} too few to learn from, expected at least ${minImages}; add images (hundreds are better), ` +
      `give --from a trained run${despite}`,
  );
}
