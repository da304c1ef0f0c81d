// A run's plan as text: a few lines before every run, everything for `--dry-run`.
import type { AppliedRecipe } from '../../config/apply-recipe.ts';
import { sizeText } from '../../../runtime-web/format/image-shape.ts';
import { imageShape } from '../../config/image-size.ts';
import { fieldOf, configKeys } from '../../config/fields.ts';
import { imagesPerStep } from '../../config/config.ts';
import type { TrainConfig } from '../../config/fields.ts';
import { growthPhases } from '../../networks/growth.ts';
import type { LayerSummary } from '../../networks/network.ts';
import { framingOf } from '../../run/run-data.ts';
import { surveyLines } from '../../data/survey-text.ts';
import { formatDuration } from '../../run/duration.ts';
import { takenText } from '../../run/start-from.ts';
import { networkFamilies } from '../../training/architectures/table.ts';
import type { RunPlan } from './dry-run.ts';

/** The recipe, and a line for each of its reasons. */
export function recipeLines({ title, reasons }: AppliedRecipe): readonly string[] {
  return [`recipe    ${title}`, ...reasons.map((reason) => `          ${reason}`)];
}

/** Max number of classes to list. */
const listedClasses = 20;

/** The lines; with `isWhole`, also the configuration, the networks' layers and the estimate. */
export function describePlan(plan: RunPlan, { isWhole }: { readonly isWhole: boolean }): readonly string[] {
  const { config, data, engine, estimate, recipe, start } = plan;
  const lines = isWhole ? [...configLines(config), ''] : [];
  const shape = imageShape(config);
  const size = `${sizeText(shape)}x${config.channels}`;
  lines.push(`data      ${data.name}: ${count(data.images)} images, ${size}`);
  lines.push(...surveyLines({ count: data.images, ...shape, survey: data.survey }, framingOf(config)));
  if (data.classes !== null) lines.push(`classes   ${classList(data.classes)}`);
  if (plan.condition !== null) {
    const { uses, ignores } = plan.condition;
    lines.push(`condition ${uses}${ignores === '' ? '' : `; not used: ${ignores}`}`);
  }
  if (recipe !== null) lines.push(...recipeLines(recipe));
  if (isWhole) {
    lines.push('', ...networkLines('generator', plan.generator), '');
    lines.push(...networkLines('discriminator', plan.discriminator), '');
  } else {
    const [G, D] = [total(plan.generator), total(plan.discriminator)];
    lines.push(`networks  generator ${count(G)} parameters, discriminator ${count(D)}`);
  }
  if (start !== null) lines.push(`from      ${start.source}; ${takenText(start)}`);
  if (config.freezeD > 0)
    lines.push(`frozen    layers of the discriminator, from the image on: ${config.freezeD}`);
  if (config.accumulate > 1) lines.push(accumulationLine(config));
  const growth = growthLine(config);
  if (growth !== null) lines.push(growth);
  lines.push(`engine    ${engine.name}: ${engine.reason}`);
  if (estimate !== null) {
    const rate = `${estimate.imagesPerSecond.toFixed(estimate.imagesPerSecond < 10 ? 1 : 0)} images/s`;
    lines.push(
      `time      about ${formatDuration(estimate.seconds)} for ${count(estimate.images)} images ` +
        `at ${rate}, measured over ${estimate.measuredSteps} ${estimate.measuredSteps === 1 ? 'step' : 'steps'}`,
    );
  }
  return lines;
}

/** The parts of a batch, and whether they equal it. */
function accumulationLine({ batch, accumulate, network }: TrainConfig): string {
  const part = batch / accumulate;
  const { isSameInParts, batchStatistics } = networkFamilies[network];
  const effect = isSameInParts(batch, part) ? 'the update is that of the whole batch' : batchStatistics;
  return `batch     ${batch} images in ${accumulate} parts of ${part}: ${effect}`;
}

/** The image at which growing networks start each size; null for networks that do not grow. */
function growthLine(config: TrainConfig): string | null {
  const [first, ...later] = growthPhases(config).filter(({ isFading }, i) => i === 0 || isFading);
  if (later.length === 0) return null;
  const shown = imagesPerStep(config);
  const side = (size: number): string => `${size}x${size}`;
  const steps = later.map(
    ({ resolution, firstStep }) => `${side(resolution)} from image ${count((firstStep - 1) * shown)}`,
  );
  return `grows     ${side(first!.resolution)}, ${steps.join(', ')}`;
}

function configLines(config: TrainConfig): string[] {
  const width = Math.max(...configKeys.map((key) => key.length));
  let group = '';
  return configKeys.flatMap((key) => {
    const heading = fieldOf(key).group === group ? [] : [fieldOf(key).group];
    group = fieldOf(key).group;
    return [...heading, `  ${key.padEnd(width)}  ${config[key] ?? 'none'}`];
  });
}

function networkLines(name: string, layers: readonly LayerSummary[]): string[] {
  const width = Math.max(...layers.map((layer) => layer.name.length));
  const shapes = layers.map(({ outputShape }) => outputShape.join('x'));
  const shapeWidth = Math.max(...shapes.map((shape) => shape.length));
  return [
    `${name.padEnd(width + 2)}  ${'output'.padEnd(shapeWidth)}  parameters`,
    ...layers.map(
      (layer, i) =>
        `  ${layer.name.padEnd(width)}  ${shapes[i]!.padEnd(shapeWidth)}  ${count(layer.parameters).padStart(10)}`,
    ),
    `  ${'total'.padEnd(width)}  ${''.padEnd(shapeWidth)}  ${count(total(layers)).padStart(10)}`,
  ];
}

/** `cat (1,200), dog (800)`; at most 20 classes. */
export function classList(classes: Readonly<Record<string, number>>): string {
  const entries = Object.entries(classes);
  const listed = entries.slice(0, listedClasses).map(([name, images]) => `${name} (${count(images)})`);
  const more = entries.length - listed.length;
  return listed.join(', ') + (more > 0 ? `, and ${count(more)} more classes` : '');
}

function total(layers: readonly LayerSummary[]): number {
  return layers.reduce((sum, { parameters }) => sum + parameters, 0);
}

function count(value: number): string {
  return value.toLocaleString('en');
}
