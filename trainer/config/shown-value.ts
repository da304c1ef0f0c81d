// A setting's value in files that are made to be shared: paths are shown as names alone.
import { basename } from 'node:path';
import type { ConfigKey } from './fields.ts';

/** Keys whose values are places on this machine. */
const places: readonly ConfigKey[] = ['data', 'labels', 'from', 'evaluateNetwork'];

/** The value as text; `none` for null, and the last part of a path. */
export function shownValue(key: ConfigKey, value: unknown): string {
  const text = String(value ?? 'none');
  return places.includes(key) ? basename(text) : text;
}
