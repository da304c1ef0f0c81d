// The report of `dedupe`: a sheet of the groups, the least certain first, and the finding with all of them.
import { drawSheet, type Picture as SheetPicture, type SheetRow } from '../pictures/sheet.ts';
import type { Finding } from '../findings/findings.ts';
import { pictureBytes, type PictureSet } from './collect-pictures.ts';
import type { Group } from './group-pairs.ts';
import { pictureSize } from './picture.ts';
import { toFloats } from '../pictures/pixels.ts';

/** Maximum number of groups on the sheet. */
const maxGroups = 60;
/** Maximum number of images per group on the sheet. */
const maxPictures = 8;
const groupsPerRow = 3;

/** The largest difference within a group. */
function largestDifference({ pairs }: Group): number {
  return Math.max(...pairs.map(({ difference }) => difference));
}

/** PNG of the groups, three per row, each with its largest difference. */
export async function groupsSheet(set: PictureSet, groups: readonly Group[]): Promise<Uint8Array> {
  const shown = groups.toSorted((a, b) => largestDifference(b) - largestDifference(a)).slice(0, maxGroups);
  const rows: SheetRow[] = [{ heading: `${shown.length} of ${groups.length} groups, the least sure first` }];
  for (let i = 0; i < shown.length; i += groupsPerRow) {
    const some = shown.slice(i, i + groupsPerRow);
    rows.push({
      above: some.map((group) => largestDifference(group).toFixed(2)),
      groups: some.map(({ members }) =>
        members.slice(0, maxPictures).map((picture) => shownPicture(set, picture)),
      ),
    });
  }
  return drawSheet(rows, 2);
}

function shownPicture({ pixels, channels }: PictureSet, picture: number): SheetPicture {
  const bytes = pictureBytes(channels);
  const own = pixels.subarray(picture * bytes, (picture + 1) * bytes);
  return {
    width: pictureSize,
    height: pictureSize,
    channels,
    data: toFloats(own),
  };
}

/** Two copies and their difference. */
export interface DedupeLink {
  readonly first: string;
  readonly second: string;
  readonly difference: number;
}

/** The content of the finding. */
export interface DedupeFacts {
  readonly data: string;
  readonly images: number;
  readonly unreadable: number;
  readonly pairs: number;
  readonly compared: number;
  /** Number of pairs by the codes that found them: `semantic`, `perceptual`, `semantic+perceptual`. */
  readonly foundBy: Readonly<Record<string, number>>;
  readonly groups: readonly (readonly string[])[];
  readonly duplicates: number;
  readonly moved: number;
  readonly seconds: number;
}

/** The finding, for `saveFinding`; `links` are the pairs of copies. */
export function dedupeFinding(
  facts: DedupeFacts,
  links: readonly DedupeLink[],
  unreadableFiles: PictureSet['unreadable'],
  sheet: Uint8Array | null,
): Finding {
  const { data, images, pairs, groups, duplicates, moved, foundBy } = facts;
  const taken = moved === 0 ? '' : ` ${moved} were moved out.`;
  return {
    name: 'dedupe',
    title: 'Duplicates',
    summary: `${images} images of ${data}: ${groups.length} groups of copies with ${duplicates} duplicates.${taken}`,
    tables: [
      {
        caption: `The ${pairs} pairs of copies, by the codes that found them`,
        columns: ['Found by', 'Pairs'],
        rows: Object.entries(foundBy),
      },
    ],
    pictures:
      sheet === null ? [] : [{ file: 'groups.png', content: sheet, caption: 'Groups, the least sure first' }],
    data: { ...facts, links, unreadableFiles },
  };
}
