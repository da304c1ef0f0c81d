// `dcgan faces`: turns a folder of photographs into a folder of faces to train on, each cropped and aligned by its eyes. The DCGAN
// paper made its face data in this way with an older detector (Radford 2016, section 4.3).
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { realNumber, someText, wholeNumber } from '../../config/rules.ts';
import { lookAt } from '../../data/file-access.ts';
import { listFolder, noImages } from '../../data/folder.ts';
import type { FileStamp } from '../../data/fingerprint.ts';
import { formatNames } from '../../data/image-format.ts';
import { formatsNotRead } from '../../data/unread-formats.ts';
import { UserError } from '../../errors.ts';
import { collectFaces } from '../../faces/collect-faces.ts';
import { writeContactSheet } from '../../faces/contact-sheet.ts';
import { eyePlaces } from '../../faces/face-crop.ts';
import type { FaceSettings } from '../../faces/face-list.ts';
import { openFacesFolder } from '../../faces/faces-folder.ts';
import { openFaceFinder, type FaceFinder } from '../../faces/find-faces.ts';
import { tryFaces } from '../../faces/try-faces.ts';
import { formatDuration } from '../../run/duration.ts';
import { jsonOption } from '../../command-line/common-options.ts';
import type { CommandContext } from '../../command-line/context.ts';
import { addOptions, option, toggle, type FlagsOf } from '../../command-line/options.ts';
import { counted, shownPath } from '../../command-line/outputs.ts';
import { hintFor, outcomeText, shownRate, summary } from './faces-text.ts';
import { held } from '../../held.ts';

const options = [
  option('--out <folder>', 'folder for the faces; an interrupted run in it is continued', someText, 'faces'),
  option('--size <n>', 'side of each cropped image in pixels', wholeNumber(16, 1024), 64),
  option('--margin <x>', 'margin on each side, as a fraction of the face', realNumber(0, 2), 0.2),
  option(
    '--threshold <x>',
    'min score of the detector, from 0 to 1; a higher one finds fewer false faces',
    realNumber(0, 1, { above: true }),
    0.6,
  ),
  option(
    '--min-face <n>',
    'min side of a face in the photo, in pixels; by default such that no face is enlarged',
    wholeNumber(8, 10_000),
  ),
  option('--outside <x>', 'max fraction of an image that may lie outside the photo', realNumber(0, 1), 0.15),
  toggle('--no-align', "crop the detector's box; by default faces are rotated so that the eyes are level"),
  toggle('--dry-run', 'try a few photos, estimate the result for all, and write nothing'),
  jsonOption,
];
type FacesFlags = FlagsOf<typeof options>;

/** Adds `faces` to the program. */
export function addFacesCommand(program: Command, context: CommandContext): void {
  const call = context.invocation('faces');
  const command = program
    .command('faces')
    .description('Find the faces in a folder of photographs, and crop and align them as training images.')
    .argument('<folder>', `photographs: ${formatNames}, also in subfolders`);
  addOptions(command, options)
    .addHelpText(
      'after',
      `
The faces of family/beach.jpg become images/family/beach-0.png, beach-1.png, …, largest first. Beside
images/ there are faces.json (source, box, score and eyes of each face) and contact-sheet.png, sorted
by score, so that false faces are in its last rows.

Examples:
  ${call} photos --out faces
  ${call} photos --out faces-128 --size 128 --margin 0.3 --threshold 0.7
  ${context.invocation('train')} --data faces --image-size 64`,
    )
    .action((folder: string, flags: FacesFlags) => faces(folder, flags, context));
}

async function faces(path: string, flags: FacesFlags, context: CommandContext): Promise<void> {
  const { cwd, print } = context;
  const settings = settingsOf(flags);
  const photos = resolve(cwd, path);
  const stamps = await photosIn(photos, path, context);
  const say = (line: string): void => {
    if (!flags.json) print(line);
  };
  await using finder = held(await openFaceFinder({ threads: availableParallelism() }));
  if (flags.dryRun) await dryRun(photos, stamps, settings, finder, flags, context);
  else await cropFaces(photos, stamps, settings, finder, flags, context, say);
}

function settingsOf({ size, margin, threshold, minFace, outside, align }: FacesFlags): FaceSettings {
  const enough = Math.max(8, Math.ceil(size / (1 + 2 * margin)));
  return { size, margin, threshold, minFace: minFace ?? enough, outside, align };
}

/** The photos in the folder. Throws UserError if there are none. */
async function photosIn(
  photos: string,
  shown: string,
  { signal, warn }: CommandContext,
): Promise<readonly FileStamp[]> {
  const facts = await lookAt(photos);
  if (facts === null) throw new UserError(`${shown}: no such folder; expected a folder of photographs`);
  if (!facts.isDirectory()) {
    throw new UserError(`${shown}: a file; expected a folder of photographs (unpack an archive first)`);
  }
  const { images, others } = await listFolder(photos, signal);
  if (images.length === 0) throw new UserError(noImages(shown, others));
  const notRead = formatsNotRead(images.length, others);
  if (notRead !== null) warn(`warning: ${notRead}`);
  return images;
}

async function cropFaces(
  photos: string,
  stamps: readonly FileStamp[],
  settings: FaceSettings,
  finder: FaceFinder,
  flags: FacesFlags,
  context: CommandContext,
  say: (line: string) => void,
): Promise<void> {
  const { cwd, signal, warn, print, invocation } = context;
  const out = resolve(cwd, flags.out);
  await using folder = held(await openFacesFolder(out, photos, settings));
  await using progress = held(context.progress('photos'));
  const begun = performance.now();
  const { size, margin } = settings;
  const { right, left, height } = eyePlaces(settings);
  say(`looking for faces of at least ${settings.minFace} pixels in ${counted(stamps.length, 'photo')}`);
  if (settings.align) {
    const [x0, x1, y] = [right, left, height].map((value) => value.toFixed(1));
    say(`images of ${size}x${size}, margin ${margin}: the eyes are at (${x0}, ${y}) and (${x1}, ${y})`);
  }
  const collected = await collectFaces({
    photos,
    stamps,
    folder,
    finder,
    signal,
    onProgress: (done, total) => progress.show('looking for faces', done, total),
  });
  progress.close();
  const seconds = (performance.now() - begun) / 1000;
  const { list, looked, skipped, gone } = collected;
  if (list.photos.every(({ unreadable }) => unreadable !== null)) {
    const [first] = list.photos;
    throw new UserError(
      `none of the ${stamps.length} photos can be read (${first!.source}: ${first!.unreadable})`,
    );
  }
  const sheet = await writeContactSheet(out, list.faces);
  const sums = summary(collected);
  if (sums.unreadable.length > 0) {
    const named = list.photos.filter(({ unreadable }) => unreadable !== null).slice(0, 5);
    const reasons = named.map(({ source, unreadable }) => `${source} (${unreadable})`).join(', ');
    const rest = sums.unreadable.length > named.length ? ', … (all are listed in faces.json)' : '';
    warn(`warning: ${counted(sums.unreadable.length, 'photo')} could not be read: ${reasons}${rest}`);
  }
  if (flags.json) {
    const photosPerSecond = looked === 0 ? null : Number((looked / seconds).toPrecision(3));
    return print(
      JSON.stringify({
        event: 'done',
        out,
        ...sums,
        looked,
        skipped,
        gone,
        photosPerSecond,
        contactSheet: sheet,
      }),
    );
  }
  for (const line of outcomeText(collected, settings, seconds, shownPath(cwd, out))) say(line);
  if (sheet === null) return say(hintFor(sums.nextBest, settings));
  say(
    `contact sheet: ${shownPath(cwd, sheet)}, lowest scores last; if those are not faces, raise --threshold`,
  );
  say(`train on them: ${invocation('train')} --data ${shownPath(cwd, out)}`);
}

async function dryRun(
  photos: string,
  stamps: readonly FileStamp[],
  settings: FaceSettings,
  finder: FaceFinder,
  flags: FacesFlags,
  context: CommandContext,
): Promise<void> {
  await using progress = held(context.progress('photos'));
  const tried = await tryFaces({
    photos,
    stamps,
    settings,
    finder,
    signal: context.signal,
    onProgress: (done, total) => progress.show('looking for faces', done, total),
  });
  progress.close();
  const { looked, faces, small, cut, unreadable, nextBest, photosPerSecond } = tried;
  const total = stamps.length;
  if (flags.json) {
    return context.print(
      JSON.stringify({ event: 'done', isDryRun: true, photos: total, ...tried, settings }),
    );
  }
  context.print(
    `${looked} of ${counted(total, 'photo')} tried: ${counted(faces, 'face')}, ${small} too small (below ` +
      `${settings.minFace} pixels), ${cut} too far outside the photo, ${unreadable} unreadable`,
  );
  if (faces === 0) context.print(hintFor(nextBest, settings));
  const all = Math.round((faces / looked) * total);
  context.print(
    `estimate for all: about ${counted(all, 'face')} in ${formatDuration(total / photosPerSecond)} ` +
      `(${shownRate(photosPerSecond)}); nothing was written`,
  );
}
