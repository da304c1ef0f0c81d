// The `dataset.json` beside single images, in stylegan2-ada's form: their labels, for training and measures, and the settings that made
// them, by which a folder of such images is recognised and completed.
import { isDeepStrictEqual } from 'node:util';
import { conditionFields } from '../../../runtime-web/format/condition-fields.ts';
import { codeColumns, conditionFor, type Wanted } from '../../../runtime-web/format/condition.ts';
import type { Conditioning, Model } from '../../../runtime-web/format/model.ts';
import type { Enlargement } from '../../data/enlarge.ts';

/** The settings that an image follows from, apart from its seed. */
export interface MadeBy extends Enlargement {
  readonly command: 'dcgan sample';
  readonly model: string;
  /** sha256 of the generator's file. */
  readonly generator: string;
  readonly truncation: number;
  /** The wanted class, codes or other condition, as it was given; empty if seeds chose. */
  readonly wanted: Wanted;
}

/** The settings of a `dataset.json` that {@link datasetJson} made; null for any other text. */
export function madeByOf(text: string): MadeBy | null {
  try {
    const { madeBy } = JSON.parse(text) as { readonly madeBy?: MadeBy };
    return madeBy?.command === 'dcgan sample' ? madeBy : null;
  } catch {
    return null;
  }
}

/** True if both settings give a seed the same image. */
export function isSame(a: MadeBy, b: MadeBy): boolean {
  const plain = (settings: MadeBy): unknown => JSON.parse(JSON.stringify({ ...settings, resample: null }));
  return isDeepStrictEqual(plain(a), plain(b)) && (a.scale === 1 || a.resample === b.resample);
}

/** The file for images by name, with their seeds. */
export function datasetJson(model: Model, images: ReadonlyMap<string, number>, madeBy: MadeBy): string {
  const { conditioning } = model;
  const lines = Array.from(conditioning === null ? [] : images, ([name, seed]) => {
    const row = conditionFor(model, madeBy.wanted, [seed])!;
    return JSON.stringify([name, labelOf(conditioning, row)]);
  });
  const names =
    conditioning?.kind === 'classes'
      ? { classes: conditioning.names }
      : { columns: conditionFields(conditioning).map(({ name }) => name) };
  // The labels come first: readers look for them at the beginning of the file.
  const labels = conditioning === null ? 'null' : `[\n${lines.join(',\n')}\n]`;
  const rest = { ...(conditioning !== null && names), madeBy };
  return `{"labels":${labels},\n${JSON.stringify(rest).slice(1)}\n`;
}

/** The label of a row of the generator's second input: a class number, or a value for each field, in the data's units. */
function labelOf(conditioning: Conditioning, row: Float32Array): number | readonly number[] {
  const tidy = (value: number): number => Number(value.toPrecision(7));
  switch (conditioning?.kind) {
    case 'classes':
      return row.indexOf(1);
    case 'numbers':
      return conditioning.numbers.map(({ least, most }, i) =>
        tidy(least + ((row[i]! + 1) / 2) * (most - least)),
      );
    case 'codes': {
      let column = 0;
      return conditioning.codes.map((code) => {
        const part = row.subarray(column, (column += codeColumns(code)));
        return code.kind === 'choice' ? part.indexOf(1) : tidy(part[0]!);
      });
    }
    default:
      return Array.from(row, tidy);
  }
}
