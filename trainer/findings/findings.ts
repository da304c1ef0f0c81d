// Results of analysis commands. Each command has a folder, `analysis/NAME/` in the run or the user's `--out`, with `finding.json`
// and the pictures and plots that it lists. The run's report page shows them.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';

/** A picture of a finding: the bytes of a PNG or the text of an SVG, with a caption. */
export interface FindingPicture {
  /** A plain file name ending in `.png` or `.svg`. */
  readonly file: string;
  readonly content: Uint8Array | string;
  readonly caption: string;
}

/** A table of a finding. The report page rounds numbers to 4 digits after the point. */
export interface FindingTable {
  readonly caption: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
}

/** The result of one command. */
export interface Finding {
  /** The name of the command and of its folder: `features`. */
  readonly name: string;
  readonly title: string;
  /** Training step of the model that was measured; undefined for a finding about data, or of an imported model. */
  readonly step?: number | undefined;
  /** One or two sentences: the method, the data and the main figures. */
  readonly summary: string;
  readonly tables?: readonly FindingTable[];
  readonly pictures?: readonly FindingPicture[];
  /** All figures, for programs; written to `finding.json` unchanged. */
  readonly data: Readonly<Record<string, unknown>>;
}

/** The content of `finding.json`. */
export interface SavedFinding extends Omit<Finding, 'pictures'> {
  readonly pictures: readonly Pick<FindingPicture, 'file' | 'caption'>[];
}

/** File name of a finding's text and figures. */
export const findingFile = 'finding.json';

/** A finding whose pictures are data URIs, for a page. */
export interface EmbeddedFinding {
  readonly title: string;
  readonly summary: string;
  readonly tables: readonly FindingTable[];
  readonly pictures: readonly { readonly source: string; readonly caption: string }[];
}

/**
 * The findings in a run's `analysis` folder, sorted by name, `evaluate-2` before `evaluate-10`; unreadable ones are left out. `step` is the run's last step: a finding
 * of another step says so.
 */
export async function embedFindings(
  analysis: string,
  step: number | null,
): Promise<readonly EmbeddedFinding[]> {
  const names = await readdir(analysis).catch((): string[] => []);
  names.sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  const found: EmbeddedFinding[] = [];
  for (const name of names) {
    const folder = join(analysis, name);
    try {
      const saved = JSON.parse(await readFile(join(folder, findingFile), 'utf8')) as SavedFinding;
      const pictures = [];
      for (const { file, caption } of saved.pictures) {
        pictures.push({ source: await asDataUri(join(folder, file)), caption });
      }
      const isOlder = saved.step !== undefined && step !== null && saved.step !== step;
      const when = isOlder ? `Of step ${saved.step}; the run is at step ${step} now. ` : '';
      found.push({ title: saved.title, summary: when + saved.summary, tables: saved.tables ?? [], pictures });
    } catch {
      continue;
    }
  }
  return found;
}

/** The finding in a folder; null if there is none that can be read. */
export async function readFinding(folder: string): Promise<SavedFinding | null> {
  try {
    return JSON.parse(await readFile(join(folder, findingFile), 'utf8')) as SavedFinding;
  } catch {
    return null;
  }
}

async function asDataUri(path: string): Promise<string> {
  const content = await readFile(path);
  if (path.endsWith('.svg')) return `data:image/svg+xml;base64,${content.toString('base64')}`;
  const webp = await sharp(content).webp({ lossless: true }).toBuffer();
  return `data:image/webp;base64,${webp.toString('base64')}`;
}
