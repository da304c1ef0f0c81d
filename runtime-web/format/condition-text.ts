// A condition as a text for addresses, attributes in HTML and command lines; parse-condition.ts reads it.
import type { Condition } from './wanted-values.ts';

/** `smiling=1 "wavy hair"=0`: names and values with spaces, commas or `=` stand in double quotes. JSON where these occur themselves. */
export function conditionText(condition: Condition): string {
  const entries = Object.entries(condition).filter(([, value]) => value !== null && value !== undefined);
  if (JSON.stringify(entries).includes('\\"')) return JSON.stringify(Object.fromEntries(entries));
  const quoted = (value: unknown): string => (/^[^\s,={]+$/.test(`${value}`) ? `${value}` : `"${value}"`);
  return entries.map(([name, value]) => `${quoted(name)}=${quoted(value)}`).join(' ');
}
