// A confusion matrix as an SVG: a row for each true class, a column for each predicted one; darker is more.

/** Side of a cell, in pixels. */
const cell = 46;
/** Estimated width of a letter, in pixels. */
const letter = 7;

/** Renders the matrix as SVG. @param counts [true class][predicted class]. */
export function confusionPicture(names: readonly string[], counts: readonly (readonly number[])[]): string {
  const labelWidth = 16 + letter * Math.min(18, Math.max(...names.map((name) => name.length)));
  const side = cell * names.length;
  const [width, height] = [Math.max(360, labelWidth + side + 10), labelWidth + side + 30];
  const shown = names.map((name) => escaped(name.length > 18 ? `${name.slice(0, 17)}…` : name));
  const parts: string[] = [];
  counts.forEach((row, i) => {
    const total = row.reduce((sum, count) => sum + count, 0);
    const y = labelWidth + i * cell;
    parts.push(`<text x="${labelWidth - 8}" y="${y + cell / 2 + 4}" text-anchor="end">${shown[i]!}</text>`);
    row.forEach((count, k) => {
      const share = total === 0 ? 0 : count / total;
      const x = labelWidth + k * cell;
      parts.push(
        `<rect x="${x}" y="${y}" width="${cell - 1}" height="${cell - 1}" fill="${i === k ? '#1f6f5c' : '#b3441e'}" ` +
          `fill-opacity="${(i === k ? share : Math.min(1, 2.5 * share)).toFixed(3)}"/>`,
        `<text x="${x + cell / 2}" y="${y + cell / 2 + 4}" text-anchor="middle" fill="${isDark(share, i === k) ? '#fff' : '#222'}">` +
          `${percent(share)}</text>`,
      );
    });
  });
  shown.forEach((name, k) => {
    const x = labelWidth + k * cell + cell / 2;
    parts.push(
      `<text x="${x + 4}" y="${labelWidth - 8}" transform="rotate(-90 ${x + 4} ${labelWidth - 8})">${name}</text>`,
    );
  });
  const caption = `<text x="8" y="${height - 10}" fill="#555">row: true class, column: predicted class, in percent of the row</text>`;
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" ` +
    `font-family="system-ui, sans-serif" font-size="12" fill="#222"><rect width="100%" height="100%" fill="#fff"/>` +
    `${parts.join('')}${caption}</svg>`
  );
}

/** True if the cell is so dark that its text must be white. */
function isDark(share: number, isDiagonal: boolean): boolean {
  return isDiagonal ? share > 0.65 : share > 0.22;
}

function percent(share: number): string {
  return share === 0 ? '' : share < 0.0095 ? (100 * share).toFixed(1) : (100 * share).toFixed(0);
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
