// Counts and names the images among a user's files that are in formats which this program does not read.
import { formatNames } from './image-format.ts';

const unread = new Set(
  (
    'heic heif hif jxl jp2 j2k jpx jxr ico tga psd svg pbm pgm ppm pnm pam exr hdr qoi dds ' +
    'dng cr2 cr3 nef arw orf raf rw2 pef srw raw'
  ).split(' '),
);
/** Max number of formats to name. */
const maxNamed = 6;

/**
 * The sentence about images in other formats, for a warning; null if there are none. `read` is the number of files that are read,
 * `others` counts the other files by extension, with its dot.
 */
export function formatsNotRead(read: number, others: ReadonlyMap<string, number>): string | null {
  const found = [...others]
    .filter(([ending]) => unread.has(ending.slice(1)))
    .toSorted((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  if (found.length === 0) return null;
  const count = found.reduce((sum, [, files]) => sum + files, 0);
  const named = found.slice(0, maxNamed).map(([ending, files]) => `${files} ${ending}`);
  const more = found.length > maxNamed ? ', …' : '';
  const verb = count === 1 ? 'is in a format' : 'are in formats';
  return (
    `${count} of ${read + count} files ${verb} that this program does not read: ${named.join(', ')}${more}; ` +
    `convert them to ${formatNames} to use them`
  );
}
