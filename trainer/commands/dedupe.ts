// `dcgan dedupe`: finds near-duplicates among the images of a folder, as the DCGAN paper does before training (Radford 2016,
// section 4.1.1), and moves all but one of each group out on request.
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { Random } from '../../runtime-web/format/random.ts';
import { oneOf, realNumber, someText } from '../config/rules.ts';
import { notesOf } from '../data/dataset.ts';
import { openFolder } from '../data/folder.ts';
import { openSource } from '../data/open-source.ts';
import type { ImageSource } from '../data/source.ts';
import { keptFirst } from '../duplicates/choose-kept.ts';
import { collectPictures, type PictureSet } from '../duplicates/collect-pictures.ts';
import { usualLimits } from '../duplicates/decide-pairs.ts';
import { dedupeFinding, groupsSheet, type DedupeFacts } from '../duplicates/dedupe-report.ts';
import { findPairs, type FoundPair } from '../duplicates/find-pairs.ts';
import { groupPairs } from '../duplicates/group-pairs.ts';
import { checkMove, moveFiles } from '../duplicates/move-duplicates.ts';
import { withoutOtherNames } from '../duplicates/other-names.ts';
import type { Codes } from '../duplicates/near-codes.ts';
import { perceptualCodes } from '../duplicates/perceptual-codes.ts';
import { semanticCodes } from '../duplicates/semantic-codes.ts';
import { selectEngine } from '../engine/select-engine.ts';
import { UserError } from '../errors.ts';
import { held } from '../held.ts';
import { formatDuration } from '../run/duration.ts';
import { resolveData } from '../run/run-data.ts';
import { saveFinding } from '../run/save-finding.ts';
import { engineOption, jsonOption, seedOption } from '../command-line/common-options.ts';
import type { CommandContext } from '../command-line/context.ts';
import { addOptions, option, toggle, type FlagsOf } from '../command-line/options.ts';
import { counted, shownPath } from '../command-line/outputs.ts';

/** Groups to print; the finding lists all. */
const maxShown = 10;
const batch = 256;
/** Epochs of the hashing network, within the limits of `updates`. */
const passes = 20;
const updates = { min: 100, max: 2000 } as const;

const options = [
  option(
    '--hash <name>',
    'how to find candidates: by a learned hash (semantic), by block means (perceptual), or both',
    oneOf('semantic', 'perceptual', 'both'),
    'both',
  ),
  option(
    '--threshold <x>',
    'max difference between two copies, from 0 to 1; a lower one finds fewer',
    realNumber(0, 1),
    usualLimits.atMost,
  ),
  toggle('--remove', 'move all but the best image of each group out of the folder, to OUT/images'),
  option(
    '--out <folder>',
    'folder for the report, and for images that --remove moves; by default FOLDER-duplicates',
    someText,
  ),
  seedOption,
  engineOption,
  jsonOption,
];
type DedupeFlags = FlagsOf<typeof options>;

/** Adds `dedupe` to the program. */
export function addDedupeCommand(program: Command, context: CommandContext): void {
  const call = context.invocation('dedupe');
  const command = program
    .command('dedupe')
    .description('Find near-duplicate images: recompressed, resized, slightly cropped or brightened copies.')
    .argument('<folder>', 'a folder of images; a zip or data set can be searched, but not changed');
  addOptions(command, options)
    .addHelpText(
      'after',
      `
Nothing is deleted. --remove moves copies to OUT/images under the same names; move them back to
undo it. A file with several names (links, hard links) is one image; links and their targets are
never moved. The image with the most pixels stays; among equals, the largest file.

Examples:
  ${call} photos                     searches, and writes photos-duplicates/groups.png
  ${call} photos --remove            moves the copies to photos-duplicates/images
  ${call} photos --threshold 0.1     finds only close copies`,
    )
    .action((folder: string, flags: DedupeFlags) => dedupe(folder, flags, context));
}

async function dedupe(path: string, flags: DedupeFlags, context: CommandContext): Promise<void> {
  const { cwd, signal, print, warn, invocation } = context;
  const { threshold: atMost, seed } = flags;
  const folder = resolveData(context, path);
  const out = resolve(cwd, flags.out ?? `${folder}-duplicates`);
  const moved = join(out, 'images');
  await using source = held(await openEverything(folder, path, flags, signal));
  await using progress = held(context.progress('images'));
  const began = performance.now();
  if (flags.remove) await checkMove(folder, out, []);
  if (source.count < 2)
    throw new UserError(`${path}: ${counted(source.count, 'image')}; expected at least 2 to compare`);
  const set = await collectPictures(source, signal, (done, total) => progress.show('reading', done, total));
  for (const note of notesOf(source)) warn(`warning: ${note}`);
  warnOfUnreadable(set, warn);
  const random = new Random(seed);
  const codes = await codesOf(set, flags, random, context, (job, done, total) =>
    progress.show(job, done, total),
  );
  const { pairs, compared } = await findPairs(set, {
    codes,
    limits: { surely: Math.min(atMost, usualLimits.surely), atMost },
    random,
    signal,
    onProgress: (job, done, total) => progress.show(job, done, total),
  });
  const groups = groupPairs(pairs);
  const isFolder = source.kind === 'folder';
  const names: (readonly string[])[] = [];
  for (const { members } of groups) {
    const own = members.map((member) => set.names[member]!);
    names.push(isFolder ? await keptFirst(folder, own) : own);
  }
  progress.close();
  const extra = names.flatMap((group) => group.slice(1));
  const movable = flags.remove ? await withoutOtherNames(folder, extra, signal) : [];
  if (flags.remove) {
    await checkMove(folder, moved, movable);
    await moveFiles(folder, moved, movable, signal);
    warnOfHeld(extra.length - movable.length, warn);
  }
  const shown = (name: string): string => (isFolder ? join(path, name) : name);
  const facts: DedupeFacts = {
    data: path,
    images: set.names.length,
    unreadable: set.unreadable.length,
    pairs: pairs.length,
    compared,
    foundBy: countsBy(pairs),
    groups: names.map((group) => group.map(shown)),
    duplicates: extra.length,
    moved: movable.length,
    seconds: Number(((performance.now() - began) / 1000).toFixed(1)),
  };
  const links = pairs.map(({ first, second, difference }) => ({
    first: shown(set.names[first]!),
    second: shown(set.names[second]!),
    difference: Number(difference.toFixed(4)),
  }));
  const sheet = groups.length === 0 ? null : await groupsSheet(set, groups);
  await saveFinding(out, dedupeFinding(facts, links, set.unreadable, sheet), warn);
  if (flags.json) return print(JSON.stringify({ event: 'done', ...facts, out }));
  for (const group of facts.groups.slice(0, maxShown)) print(group.join('  '));
  if (groups.length > maxShown)
    print(`… and ${counted(groups.length - maxShown, 'group')} more, in the report`);
  print(
    `${counted(facts.images, 'image')}: ${counted(groups.length, 'group')} of copies, ${facts.duplicates} more than there are pictures ` +
      `(${formatDuration(facts.seconds)})`,
  );
  print(`report    ${shownPath(cwd, out)}`);
  if (facts.moved > 0)
    print(
      `moved     ${counted(facts.moved, 'image')} to ${shownPath(cwd, moved)}; moving them back undoes it`,
    );
  else if (extra.length > 0 && isFolder && !flags.remove)
    print(`next      ${invocation('dedupe')} ${path} --remove`);
}

/** All images, of the train part and the test part. Throws UserError if there are none, or if --remove cannot move them. */
async function openEverything(
  folder: string,
  shown: string,
  flags: DedupeFlags,
  signal: AbortSignal,
): Promise<ImageSource> {
  const source = await openSource(folder, { labels: false, signal });
  if (source.kind !== 'folder') {
    if (!flags.remove) return source;
    await source.close();
    throw new UserError(
      `--remove: ${shown} is not a folder of image files; unpack it first, or leave --remove out`,
    );
  }
  await source.close();
  return openFolder(folder, signal, { everyPart: true });
}

async function codesOf(
  set: PictureSet,
  { hash, engine: engineName }: DedupeFlags,
  random: Random,
  { signal }: CommandContext,
  onProgress: (job: string, done: number, total: number) => void,
): Promise<Record<string, Codes>> {
  const codes: Record<string, Codes> = {};
  if (hash !== 'perceptual') {
    await using engine = held((await selectEngine({ engine: engineName, threads: null })).engine);
    const wanted = Math.round((passes * set.names.length) / batch);
    const made = await semanticCodes(set, {
      engine,
      updates: Math.max(updates.min, Math.min(updates.max, wanted)),
      random,
      signal,
      onProgress,
    });
    codes['semantic'] = made.codes;
  }
  if (hash !== 'semantic') {
    codes['perceptual'] = await perceptualCodes(set, signal, (done, total) =>
      onProgress('hashing', done, total),
    );
  }
  return codes;
}

function countsBy(pairs: readonly FoundPair[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { foundBy } of pairs) {
    const key = foundBy.join('+');
    counts[key] = (counts[key] ?? 0) + 1;
  }
  return counts;
}

function warnOfHeld(held: number, warn: (line: string) => void): void {
  if (held === 0) return;
  warn(
    `warning: ${counted(held, 'copy', 'copies')} stayed, because moving would break a name: each is a link, lies behind one, ` +
      'or has other names in the folder; remove those links first, or move the copies by hand',
  );
}

function warnOfUnreadable({ unreadable }: PictureSet, warn: (line: string) => void): void {
  if (unreadable.length === 0) return;
  const named = unreadable.slice(0, 5).map(({ name, reason }) => `${name} (${reason})`);
  const more = unreadable.length > named.length ? ', … (all are listed in finding.json)' : '';
  warn(`warning: ${counted(unreadable.length, 'image')} could not be read: ${named.join(', ')}${more}`);
}
