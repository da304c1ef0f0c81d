// Presents trials of sums: the table of results, and a grid of the sums.
import { sumOfSeeds, type SeedTerm } from './arithmetic-trials.ts';
import { drawLatents } from '../../model-package/draw-latents.ts';
import type { ModelPackage } from '../../model-package/read-package.ts';
import type { FindingTable } from '../../findings/findings.ts';
import { emptyGrid, gridPng, placeImages } from '../../pictures/grid.ts';
import type { AttributeSums } from './by-attribute.ts';

/** Number of sums in the grid. */
const shown = 64;

/** The 95% interval of a fraction, from its count (Wilson 1927). */
export function shareInterval(share: number, count: number): readonly [number, number] {
  const z = 1.959964;
  const middle = (share + (z * z) / (2 * count)) / (1 + (z * z) / count);
  const half =
    (z / (1 + (z * z) / count)) * Math.sqrt((share * (1 - share)) / count + (z * z) / (4 * count * count));
  return [Math.max(0, middle - half), Math.min(1, middle + half)];
}

/** The trials as a table: a row for each setting, and one for images without a sum. */
export function trialsTable({
  names,
  expression,
  outcomes,
  looked,
  shareAsExpected,
}: AttributeSums): FindingTable {
  const wanted = names.map((name, a) => (expression.expected[a] === true ? name : `no ${name}`)).join(', ');
  const interval = (share: number, count: number): string =>
    shareInterval(share, count)
      .map((end) => end.toFixed(3))
      .join(' to ');
  return {
    caption: `Fraction of the sums that show each attribute, and that show exactly the expected ones: ${wanted}`,
    columns: ['exemplars per term', 'strength', 'trials', ...names, 'as expected', '95% interval'],
    rows: [
      ...outcomes.map(({ exemplars, strength, trials, shares, asExpected }) => [
        exemplars,
        strength,
        trials,
        ...shares.map((share) => share.toFixed(3)),
        asExpected.toFixed(3),
        interval(asExpected, trials),
      ]),
      [
        'no sum',
        '',
        looked,
        ...names.map(() => ''),
        shareAsExpected.toFixed(3),
        interval(shareAsExpected, looked),
      ],
    ],
  };
}

/** Prints the table and the accuracy of the classifiers. */
export function sayTrials(found: AttributeSums, say: (line: string) => void): void {
  const { names, quality, outcomes } = found;
  const list = (values: readonly number[]): string =>
    names.map((name, a) => `${name} ${values[a]!.toFixed(3)}`).join(', ');
  say(`accuracy on held-out images, of the classifier that chooses exemplars: ${list(quality.chooses)}`);
  if (outcomes.length === 0) return;
  say(`accuracy on held-out images, of the second classifier, which measures: ${list(quality.measures)}`);
  const { caption, columns, rows } = trialsTable(found);
  say(caption);
  const widths = columns.map((name, c) => Math.max(name.length, ...rows.map((row) => String(row[c]).length)));
  for (const row of [columns, ...rows])
    say(row.map((cell, c) => String(cell).padStart(widths[c]!)).join('  '));
}

/** The sums of the first trials as a grid. Throws the signal's reason when aborted. */
export async function drawSums(
  opened: ModelPackage,
  sums: readonly (readonly SeedTerm[])[],
  strength: number,
  signal: AbortSignal,
): Promise<{ readonly png: Uint8Array; readonly count: number }> {
  const { width, height, channels } = opened.model;
  const latents = sums.slice(0, shown).map((terms) => sumOfSeeds(opened.model, terms, strength));
  const grid = emptyGrid([latents.length, height, width, channels]);
  let drawn = 0;
  for await (const image of drawLatents(opened, latents, signal)) placeImages(grid, image, drawn++);
  return { png: await gridPng(grid), count: latents.length };
}
