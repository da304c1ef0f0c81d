// Notes for the user about opened data: how they are read, files in formats that are not, and images that could not be read.
import type { CacheFacts } from './cache-file.ts';

/** Max number of unreadable images to name. */
const maxNamed = 5;

/** A sentence each. `listed` is added where not all unreadable images are named. */
export function datasetNotes(
  { notes, skipped: { count, names } }: Pick<CacheFacts, 'skipped'> & { readonly notes: readonly string[] },
  listed = '',
): readonly string[] {
  if (count === 0) return notes;
  const what =
    count === 1 ? '1 image could not be read and was' : `${count} images could not be read and were`;
  const more = count > maxNamed ? `, …${listed}` : '';
  return [...notes, `${what} left out: ${names.slice(0, maxNamed).join(', ')}${more}`];
}

/** Sentences about what the survey found: files of which only the first frame is used, and alpha that hides nothing. */
export function surveyNotes({
  channels,
  survey: { severalFrames, transparent },
}: Pick<CacheFacts, 'channels' | 'survey'>): readonly string[] {
  const notes: string[] = [];
  if (severalFrames > 0) {
    const what = severalFrames === 1 ? '1 file has' : `${severalFrames} files have`;
    notes.push(`${what} several frames or pages; only the first is used`);
  }
  if (channels === 4 && transparent === 0) {
    notes.push('no image has a transparent pixel; --channels 3 trains on the same pictures in less time');
  }
  return notes;
}
