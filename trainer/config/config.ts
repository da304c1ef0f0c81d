// The configuration of a run: one flat record, validated once, frozen, saved with the run, and enough to repeat it.
import { textOf } from '../../runtime-web/format/fields.ts';
import { configKeys, exclusive, fieldOf, flagOf, type ConfigKey, type TrainConfig } from './fields.ts';
import { checkOwnFlags, checkWhole } from './contradictions.ts';
import { UserError, didYouMean } from '../errors.ts';
import { expectation } from './rules.ts';
import { impliedSettings } from './implied-settings.ts';

/** Number of real images that D sees in one step: one batch per update of D. */
export function imagesPerStep({ batch, criticSteps }: Pick<TrainConfig, 'batch' | 'criticSteps'>): number {
  return batch * criticSteps;
}

/** Some keys of a configuration, with their source for error messages: a file, `preset paper-64` or `flags`. */
export interface ConfigLayer {
  readonly source: string;
  readonly values: Readonly<Record<string, unknown>>;
  /** False for changes of a run that has begun: a setting then changes nothing but itself. Default true. */
  readonly hasImplied?: boolean;
}

/** The `source` of flags: messages then name `--image-size` instead of `imageSize`. */
export const fromFlags = 'flags';

/**
 * Merges the layers, later ones over earlier ones, and validates the result. A total in one layer (`steps`, `images` or
 * `minutes`) replaces the total of the layers below, and so does one of the other exclusive keys. Settings that a layer implies (`implied-settings.ts`) count as part of it,
 * unless it sets them itself. The result is complete and frozen. Throws UserError for an unknown key (with the nearest one), a
 * value out of range, a missing key, or a contradiction.
 */
export function resolveConfig(layers: readonly ConfigLayer[]): TrainConfig {
  const merged: Record<string, unknown> = {};
  for (const { source, values: given, hasImplied = true } of layers) {
    checkLayer(source, given);
    const values = { ...(hasImplied && impliedSettings(given)), ...given };
    for (const { keys, reason } of exclusive) {
      const own = keys.filter((key) => values[key] != null);
      if (own.length > 1) {
        const names = own.map((key) => nameIn(source, key)).join(' and ');
        throw new UserError(`${names} contradict each other: ${reason}; give one of them`);
      }
      // Null alone takes nothing away.
      for (const key of keys) if (own.length === 1) merged[key] = null;
    }
    for (const [key, value] of Object.entries(values)) {
      const isExclusive = exclusive.some(({ keys }) => keys.some((each) => each === key));
      if (value !== null || !isExclusive) merged[key] = value;
    }
  }
  const missing = configKeys.filter((key) => merged[key] === undefined);
  if (missing.length > 0) {
    throw new UserError(
      `the configuration lacks ${missing.map((key) => `${key} (${flagOf(key)})`).join(', ')}`,
    );
  }
  const config = Object.fromEntries(configKeys.map((key) => [key, merged[key]])) as unknown as TrainConfig;
  for (const { source, values } of layers)
    if (source === fromFlags) checkOwnFlags(config, Object.keys(values));
  checkWhole(config);
  return Object.freeze(config);
}

/** Throws UserError for the first unknown key or invalid value of a layer. */
export function checkLayer(source: string, values: Readonly<Record<string, unknown>>): void {
  for (const [key, value] of Object.entries(values)) {
    const field = configKeys.includes(key as ConfigKey) ? fieldOf(key as ConfigKey) : null;
    if (field === null) {
      throw new UserError(`${source}: unknown key '${key}'${didYouMean(key, configKeys)}`);
    }
    if (!field.rule.accepts(value)) {
      throw new UserError(
        `${nameIn(source, key as ConfigKey)}: got ${textOf(value)}, ${expectation(field.rule, value)}`,
      );
    }
  }
}

function nameIn(source: string, key: ConfigKey): string {
  return source === fromFlags ? flagOf(key) : `${source}: ${key}`;
}
