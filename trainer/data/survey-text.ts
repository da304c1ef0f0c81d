// A survey as lines for people.
import { sizeText, type ImageShape } from '../../runtime-web/format/image-shape.ts';
import type { Dataset } from './dataset.ts';
import { defaultFraming, type Framing } from './framing.ts';
import { shortList } from './labels/label-file.ts';
import type { AttributeInfo } from './source.ts';
import type { Spread } from './survey.ts';

/** Lines such as `files     180 JPEG, 12 PNG; …`, for a dataset that was opened with `framing`; none for images that are drawn. */
export function surveyLines(
  { count, width: wide, height: tall, channels, survey }: ImageShape & Pick<Dataset, 'count' | 'survey'>,
  { fit, focus, background }: Framing = defaultFraming,
): readonly string[] {
  const { formats, sizes, shapes, colours, alpha, enlarged, copies } = survey;
  if (sizes === null) return [];
  const { width, height } = sizes;
  const extent = isOne(width) && isOne(height) ? `all ${width[0]}x${height[0]}` : spreadText(width, height);
  const kinds = Object.entries(formats).map(([format, files]) => `${number(files)} ${format}`);
  const lines = [`files     ${kinds.join(', ')}; ${extent}`];
  const target = { width: wide, height: tall };
  const shape = wide === tall ? 'a square' : sizeText(target);
  const cut = {
    crop: `cropped to ${shape} (${focus === 'centre' ? 'the centre' : focus})`,
    pad: channels === 4 ? 'padded with transparent bars' : `padded with ${background}`,
    stretch: `stretched to ${shape}`,
  }[fit];
  const odd = shapes.wide + shapes.tall;
  const shown = named([
    [shapes.same, wide === tall ? 'square' : 'of this shape'],
    [shapes.wide, wide === tall ? 'wide' : 'wider'],
    [shapes.tall, wide === tall ? 'tall' : 'taller'],
  ]);
  lines.push(`shapes    ${shown}${odd === 0 ? '' : `; ${number(odd)} ${odd === 1 ? 'is' : 'are'} ${cut}`}`);
  const kept = channels === 4 ? '' : `, on ${background}`;
  const colourText = named([
    [colours.colour, 'colour'],
    [colours.grey, 'grey'],
  ]);
  lines.push(`colours   ${colourText}${alpha === 0 ? '' : `; ${number(alpha)} with alpha${kept}`}`);
  if (enlarged > 0)
    lines.push(
      `enlarged  ${number(enlarged)} ${enlarged === 1 ? 'image is' : 'images are'} smaller than ${sizeText(target)}`,
    );
  if (copies > 0) {
    const share = ((100 * copies) / count).toFixed(1);
    lines.push(
      `copies    ${number(copies)} of ${number(count)} images (${share}%) equal another one at this size; dedupe also finds near copies`,
    );
  }
  return lines;
}

/** Lines about the attributes of images, one for each kind: `labels    yes or no: smiling (48%)`. */
export function labelLines({
  attributes,
  count,
  survey,
}: Pick<Dataset, 'attributes' | 'count' | 'survey'>): readonly string[] {
  const all = (attributes ?? []).map((info, i) => ({
    ...info,
    mean: survey.sums && survey.sums[i]! / count,
  }));
  const listed = (
    kind: AttributeInfo['kind'],
    words: string,
    text: (each: (typeof all)[number]) => string,
  ): readonly string[] => {
    const some = all.filter((each) => each.kind === kind);
    return some.length === 0
      ? []
      : [`${words}: ${some.map((each) => `${each.name}${text(each)}`).join(', ')}`];
  };
  const lines = [
    ...listed('binary', 'yes or no', ({ mean }) =>
      mean === undefined ? '' : ` (${(100 * mean).toFixed(1)}% yes)`,
    ),
    ...listed('continuous', 'numbers', ({ range: [least, most], mean }) => {
      return ` (${least} to ${most}${mean === undefined ? '' : `, mean ${Number(mean.toPrecision(3))}`})`;
    }),
    ...listed('categorical', 'classes', ({ values }) => ` (${values!.length}: ${shortList(values!)})`),
  ];
  return lines.map((line, i) => `${i === 0 ? 'labels' : ''}`.padEnd(10) + line);
}

function isOne([min, , max]: Spread): boolean {
  return min === max;
}

function spreadText(width: Spread, height: Spread): string {
  const at = (i: 0 | 1 | 2): string => `${width[i]}x${height[i]}`;
  return `widths and heights from ${at(0)} to ${at(2)}, medians ${at(1)}`;
}

function named(counts: readonly (readonly [number, string])[]): string {
  return counts
    .filter(([count]) => count > 0)
    .map(([count, name]) => `${number(count)} ${name}`)
    .join(', ');
}

function number(value: number): string {
  return value.toLocaleString('en');
}
