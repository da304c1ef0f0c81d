// What analysis commands leave behind: a folder a command, `analysis/NAME/` in the run (or wherever the user says), with
// `finding.json` and the pictures and plots it names. The run's report page shows them.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';

/** A picture of a finding: a PNG's bytes, or an SVG's text, with what it shows. */
export interface FindingPicture {
  /** A plain file name ending in `.png` or `.svg`. */
  readonly file: string;
  readonly content: Uint8Array | string;
  readonly caption: string;
}

/** A table of a finding; numbers are shown as they are given. */
export interface FindingTable {
  readonly caption: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
}

/** What a command found. */
export interface Finding {
  /** The command's name, and its folder's: `features`. */
  readonly name: string;
  readonly title: string;
  /** One or two sentences: what was done, on what, with which figures. */
  readonly summary: string;
  readonly tables?: readonly FindingTable[];
  readonly pictures?: readonly FindingPicture[];
  /** Everything, for programs; goes into `finding.json` as it is. */
  readonly data: Readonly<Record<string, unknown>>;
}

/** A finding as `finding.json` has it. */
export interface SavedFinding extends Omit<Finding, 'pictures'> {
  readonly pictures: readonly Pick<FindingPicture, 'file' | 'caption'>[];
}

/** The file of a finding's text and figures. */
export const findingFile = 'finding.json';

/** A finding with its pictures inside it, for a page. */
export interface EmbeddedFinding {
  readonly title: string;
  readonly summary: string;
  readonly tables: readonly FindingTable[];
  readonly pictures: readonly { readonly source: string; readonly caption: string }[];
}

/** The findings in a run's `analysis` folder, by name; what cannot be read is left out. */
export async function embedFindings(analysis: string): Promise<readonly EmbeddedFinding[]> {
  const names = (await readdir(analysis).catch(() => [])).sort();
  const found: EmbeddedFinding[] = [];
  for (const name of names) {
    const folder = join(analysis, name);
    try {
      const saved = JSON.parse(await readFile(join(folder, findingFile), 'utf8')) as SavedFinding;
      const pictures = [];
      for (const { file, caption } of saved.pictures) {
        pictures.push({ source: await asDataUri(join(folder, file)), caption });
      }
      found.push({ title: saved.title, summary: saved.summary, tables: saved.tables ?? [], pictures });
    } catch {
      continue;
    }
  }
  return found;
}

async function asDataUri(path: string): Promise<string> {
  const content = await readFile(path);
  if (path.endsWith('.svg')) return `data:image/svg+xml;base64,${content.toString('base64')}`;
  const webp = await sharp(content).webp({ lossless: true }).toBuffer();
  return `data:image/webp;base64,${webp.toString('base64')}`;
}
