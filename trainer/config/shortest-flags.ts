// The shortest command line that makes a configuration: a preset, and the settings in which the configuration differs from it.
import { configKeys, exclusive, type ConfigKey, type TrainConfig } from './fields.ts';
import { presets, resolveOverDefault } from './presets.ts';
import { UserError } from '../errors.ts';

/** A preset (null for the default) and the keys that flags set over it. */
export interface ShortestFlags {
  readonly preset: string | null;
  readonly keys: readonly ConfigKey[];
}

/** Finds the fewest flags that make `config`, which is complete and valid. */
export function shortestFlags(config: TrainConfig): ShortestFlags {
  const length = ({ preset, keys }: ShortestFlags): number => keys.length + (preset === null ? 0 : 1);
  return Object.entries(presets)
    .filter(([, { needsData }]) => !(needsData && config.data === 'avatars'))
    .map(([name]): ShortestFlags => ({
      preset: name === 'default' ? null : name,
      keys: keysOver(name, config),
    }))
    .reduce((least, flags) => (length(flags) < length(least) ? flags : least));
}

/** The keys that flags set over a preset: all, then without each one that is the preset's, or that another one implies. */
function keysOver(name: string, config: TrainConfig): readonly ConfigKey[] {
  const isEnough = (keys: readonly ConfigKey[]): boolean => {
    const values = Object.fromEntries(keys.map((key) => [key, config[key]]));
    try {
      const made = resolveOverDefault([
        { source: `preset ${name}`, values: presets[name]!.values },
        { source: 'the flags', values },
      ]);
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
