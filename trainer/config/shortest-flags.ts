// The shortest command line that makes a configuration: a preset or the recipe of a run without one, and the settings in which the
// configuration differs from it.
import { resolveWithRecipe } from './apply-recipe.ts';
import { configKeys, exclusive, type ConfigKey, type TrainConfig } from './fields.ts';
import { presets, resolveOverDefault } from './presets.ts';
import { UserError } from '../errors.ts';

/** A preset (null for none, so that the recipe chooses) and the keys that flags set over it. */
export interface ShortestFlags {
  readonly preset: string | null;
  readonly keys: readonly ConfigKey[];
}

/** Finds the fewest flags that make `config`, which is complete and valid, on data with so many images. */
export function shortestFlags(config: TrainConfig, images: number): ShortestFlags {
  const length = ({ preset, keys }: ShortestFlags): number => keys.length + (preset === null ? 0 : 1);
  const names = Object.keys(presets).filter(
    (name) => !(presets[name]!.needsData === true && config.data === 'avatars'),
  );
  return [null, ...names]
    .map((preset): ShortestFlags => ({ preset, keys: keysOver(preset, config, images) }))
    .reduce((least, flags) => (length(flags) < length(least) ? flags : least));
}

/** The keys that flags set over a preset or the recipe: all, then without each one that is the preset's, or that another one implies. */
function keysOver(preset: string | null, config: TrainConfig, images: number): readonly ConfigKey[] {
  const data = { isBuiltIn: config.data === 'avatars', images };
  const isEnough = (keys: readonly ConfigKey[]): boolean => {
    const values = Object.fromEntries(keys.map((key) => [key, config[key]]));
    try {
      const flags = { source: 'the flags', values };
      const made =
        preset === null
          ? resolveWithRecipe({ base: [], given: [flags] }, 'modern', data).config
          : resolveOverDefault([{ source: `preset ${preset}`, values: presets[preset]!.values }, flags]);
      return configKeys.every((key) => made[key] === config[key]);
    } catch (error) {
      if (error instanceof UserError) return false;
      throw error;
    }
  };
  // A flag cannot take a total away; another total does.
  const all = configKeys.filter(
    (key) => config[key] !== null || !exclusive.some(({ keys }) => keys.includes(key)),
  );
  return all.reduceRight<readonly ConfigKey[]>((kept, key) => {
    const fewer = kept.filter((other) => other !== key);
    return isEnough(fewer) ? fewer : kept;
  }, all);
}
