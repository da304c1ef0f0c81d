// The statistics of a run as CSV (RFC 4180), for spreadsheets and notebooks.
import type { StatsLine } from './stats.ts';

/** The columns, in order. */
const columns = [
  'step',
  'images',
  'secondsElapsed',
  'imagesPerSecond',
  'dLoss',
  'gLoss',
  'dReal',
  'dFake',
  'augmentProbability',
  'dSign',
  'diversity',
  'frechet',
  'kid',
  'precision',
  'recall',
  'network',
  'collapse',
] as const satisfies readonly (keyof StatsLine)[];

/** The first line of every such table. */
export const statsHeader = columns.join(',');

/** The header and one line for each report; unknown figures are empty. */
export function statsTable(lines: readonly StatsLine[]): readonly string[] {
  return [statsHeader, ...lines.map((line) => columns.map((key) => cell(line[key])).join(','))];
}

/** Statistics of earlier versions lack columns. */
function cell(value: string | number | null | undefined): string {
  const text = String(value ?? '');
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
