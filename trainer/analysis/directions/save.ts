// Writes directions into `model.json` beside the existing ones, and a finding that shows the effect of each.
import { join } from 'node:path';
import { type Direction, type Model } from '../../../runtime-web/format/model.ts';
import { parseModel } from '../../../runtime-web/format/parse-model.ts';
import { movedPrefix, namedShare, sideEffects } from '../../../runtime-web/format/side-effects.ts';
import { stripAmounts, stripLatents } from './direction-strips.ts';
import type { AttributeDirections } from './by-attribute.ts';
import { deviationsPerUnit, isPrincipal } from './principal-directions.ts';
import { drawLatents } from '../../model-package/draw-latents.ts';
import { modelFileName } from '../../model-package/package-folder.ts';
import type { ModelPackage } from '../../model-package/read-package.ts';
import { writeFileAtomically } from '../../files/atomic-file.ts';
import { onDisk } from '../../files/disk.ts';
import type { FindingPicture, FindingTable } from '../../findings/findings.ts';
import { emptyGrid, gridPng, placeImages } from '../../pictures/grid.ts';
import { saveFinding } from '../../run/save-finding.ts';
import type { Job } from '../../job.ts';
import { held } from '../../held.ts';

/**
 * Merges new directions into the model's. New ones replace old ones of the same kind (by attribute, or principal): all of them, or
 * with `onlyNamed` those of the same name. With `isReplacing` no old direction stays.
 */
export function mergeDirections(
  before: readonly Direction[],
  found: readonly Direction[],
  {
    arePrincipal,
    isReplacing,
    onlyNamed = false,
  }: { readonly arePrincipal: boolean; readonly isReplacing: boolean; readonly onlyNamed?: boolean },
): Direction[] {
  const names = found.map(({ name }) => name);
  const isKept = ({ name }: Direction): boolean =>
    !isReplacing && (onlyNamed || isPrincipal(name) !== arePrincipal) && !names.includes(name);
  const kept = before.filter(isKept);
  return arePrincipal ? [...kept, ...found] : [...found, ...kept];
}

/**
 * Writes `model.json` with these directions and resolves to its path. Throws UserError if it cannot be written.
 */
export async function writeDirections(
  { folder, model }: ModelPackage,
  directions: readonly Direction[],
): Promise<string> {
  const next: Model = { ...model, directions };
  const file = join(folder, modelFileName);
  const text = `${JSON.stringify(next, null, 2)}\n`;
  parseModel(JSON.parse(text), modelFileName);
  await onDisk(
    file,
    () => 'the model is as it was',
    () => writeFileAtomically(file, text),
  );
  return file;
}

/**
 * Saves a finding with a strip of images for each direction and tables: their figures, how often each other attribute changes, and
 * the classifiers' quality (null if there are none).
 */
export async function saveDirectionStrips(
  folder: string,
  opened: ModelPackage,
  directions: readonly Direction[],
  quality: AttributeDirections['quality'] | null,
  context: Job,
): Promise<void> {
  const { model } = opened;
  const { width, height, channels } = model;
  const columns = stripAmounts.length;
  const latents = directions.flatMap((direction) => stripLatents(model, direction));
  const perStrip = latents.length / Math.max(1, directions.length);
  const strips = directions.map(() => emptyGrid([perStrip, height, width, channels], columns));
  await using progress = held(context.progress('pictures'));
  let drawn = 0;
  for await (const image of drawLatents(opened, latents, context.signal)) {
    placeImages(strips[Math.floor(drawn / perStrip)]!, image, drawn % perStrip);
    progress.show('strips', ++drawn, latents.length);
  }
  const reach = Math.max(...stripAmounts);
  const pictures: FindingPicture[] = [];
  for (const [i, direction] of directions.entries()) {
    const { name, figures } = direction;
    const range = isPrincipal(name)
      ? `from −${reach * deviationsPerUnit}σ to ${reach * deviationsPerUnit}σ`
      : `from −${reach} to ${reach} times its length`;
    const figureList = Object.entries(figures)
      .filter(([key]) => !key.startsWith(movedPrefix))
      .map(([key, value]) => `${key} ${value}`);
    pictures.push({
      file: `${fileNameOf(name, i)}.png`,
      content: await gridPng(strips[i]!, Math.max(1, Math.floor(64 / Math.max(width, height)))),
      caption: `${name}, ${range}: ${figureList.join(', ')}${sideEffectsText(direction, '; ')}`,
    });
  }
  await saveFinding(
    folder,
    {
      name: 'directions',
      title: 'Directions in latent space',
      step: model.training?.steps,
      summary:
        `${directions.length} directions in the latent space of ${model.name}. Each row moves one image along the direction; ` +
        'the middle column is unchanged.',
      tables: tablesOf(directions, quality),
      pictures,
      data: { directions: directions.map(({ name, figures }) => ({ name, figures })), quality },
    },
    context.warn,
  );
}

/**
 * Side effects of a direction, as a part of a sentence after `before`: the attributes that change in a tenth of the images or more, the
 * strongest first. Empty if nothing was measured.
 */
export function sideEffectsText(direction: Pick<Direction, 'figures'>, before = ''): string {
  const effects = sideEffects(direction);
  if (effects.length === 0) return '';
  const named = effects.filter(({ share }) => share >= namedShare);
  return before.concat(
    named.length === 0
      ? `each of ${effects.length} others changes in less than ${percent(namedShare)}`
      : `also changes: ${named.map(({ name, share }) => `${name} ${percent(share)}`).join(', ')}`,
  );
}

const percent = (share: number): string => `${Math.round(100 * share)}%`;

/** The tables of {@link saveDirectionStrips}. */
function tablesOf(
  directions: readonly Direction[],
  quality: AttributeDirections['quality'] | null,
): FindingTable[] {
  const keys = [...new Set(directions.flatMap(({ figures }) => Object.keys(figures)))];
  const [movedKeys, ownKeys] = [true, false].map((isMoved) =>
    keys.filter((key) => key.startsWith(movedPrefix) === isMoved),
  );
  const table = (
    caption: string,
    shown: readonly string[],
    title: (key: string) => string,
  ): FindingTable => ({
    caption,
    columns: ['direction', ...shown.map(title)],
    rows: directions.map(({ name, figures }) => [name, ...shown.map((key) => figures[key] ?? '')]),
  });
  const tables = [table('Figures by direction', ownKeys!, (key) => key)];
  if (movedKeys!.length > 0) {
    const caption = 'Fraction of the images in which the prediction of another attribute changes';
    tables.push(table(caption, movedKeys!, (key) => key.slice(movedPrefix.length)));
  }
  if (quality !== null) {
    tables.push({
      caption:
        'The classifiers on held-out images: accuracy, and for continuous attributes the correlation with the truth. ' +
        'The first finds directions, the second, of another architecture, measures them',
      columns: ['attribute', 'first', 'second'],
      rows: Object.entries(quality.measures).map(([name, second]) => [
        name,
        quality.finds?.[name]?.toFixed(4) ?? '',
        second.toFixed(4),
      ]),
    });
  }
  return tables;
}

/** Unique file names: `principal-1`, `1-wearing-hat`. */
function fileNameOf(name: string, index: number): string {
  const plain = name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');
  return isPrincipal(name) ? plain : `${index + 1}-${plain}`;
}
