// Restricts a source to some of its classes, e.g. to evaluate a network on classes that it was not trained on. The images keep
// their order; labels are renumbered in the source's order of classes.
import { UserError, didYouMean } from '../errors.ts';
import { slug } from './source-name.ts';
import type { ImageSource } from './source.ts';

/** `cat, dog` → `['cat', 'dog']`. Throws UserError for an empty or repeated name. */
export function parseClassList(flag: string, text: string): readonly string[] {
  const names = text
    .normalize('NFC')
    .split(',')
    .map((name) => name.trim());
  if (names.includes(''))
    throw new UserError(`${flag}: got '${text}', expected class names with commas between`);
  const repeated = names.find((name, i) => names.indexOf(name) !== i);
  if (repeated !== undefined) throw new UserError(`${flag}: '${repeated}' is named twice`);
  return names;
}

/**
 * A source with the images of the named classes only. Closing it closes `source`. Throws UserError for data without classes,
 * for an unknown class, and if no image is left.
 */
export async function onlyClasses(
  source: ImageSource,
  names: readonly string[],
  signal?: AbortSignal,
): Promise<ImageSource> {
  const all = source.classNames;
  if (all === null) {
    throw new UserError(
      `--classes: the images of ${source.name} have no classes; expected a folder for each class`,
    );
  }
  const unknown = names.find((name) => !all.includes(name));
  if (unknown !== undefined) {
    throw new UserError(
      `--classes: ${source.name} has no class '${unknown}'${didYouMean(unknown, all)} (it has: ${all.join(', ')})`,
    );
  }
  const kept = all.filter((name) => names.includes(name));
  const labels = all.map((name) => kept.indexOf(name));
  let count = 0;
  for await (const { label } of source.images(signal)) if (labels[label]! >= 0) count += 1;
  if (count === 0) throw new UserError(`--classes: ${source.name} has no image of ${kept.join(', ')}`);
  return {
    ...source,
    name: slug(`${source.name.slice(0, 25)}-${kept.length}-classes`),
    count,
    classNames: kept,
    fingerprint: `${source.fingerprint}/${JSON.stringify(kept)}`,
    async *images(given) {
      for await (const image of source.images(given)) {
        const label = labels[image.label]!;
        if (label >= 0) yield { ...image, label, render: (how) => image.render(how) };
      }
    },
    close: () => source.close(),
  };
}
