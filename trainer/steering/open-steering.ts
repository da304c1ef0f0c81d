// The networks of steering: a run's generator, and an attribute classifier trained on labelled images like the run's.
import type { AttributeClassifier } from '../analysis/attributes/attribute-classifier.ts';
import { classifierPrefix } from '../analysis/attributes/classifier-networks.ts';
import { directionName } from '../analysis/directions/directions.ts';
import type { TrainedRun } from '../run/trained-run.ts';
import type { Engine } from '../engine/engine.ts';
import { UserError } from '../errors.ts';
import { asLogits, steeringColumns } from './steering-columns.ts';
import type { SteeringNetworks } from './steering-step.ts';

/** A classifier with its parameters, read from the engine that trained it. */
export async function readClassifier(
  { attributes, classify }: AttributeClassifier,
  engine: Engine,
): Promise<SteeringNetworks['classifier']> {
  const state = await engine.readState();
  const parameters = Object.fromEntries(
    Object.entries(state).filter(([name]) => name.startsWith(classifierPrefix)),
  );
  return {
    columns: steeringColumns(attributes),
    parameters,
    classify: (state, images) => asLogits(attributes, classify(state, images)),
  };
}

/** The run's generator, and the classifier with its parameters from the engine that trained it. */
export async function steeringNetworks(
  { config, generator }: Pick<TrainedRun, 'config' | 'generator'>,
  classifier: AttributeClassifier,
  engine: Engine,
): Promise<SteeringNetworks> {
  return {
    generator,
    classifier: await readClassifier(classifier, engine),
    distribution: config.latentDistribution,
  };
}

/** The index of an attribute by its name or its direction's name. Throws UserError for an unknown one. */
export function attributeIndex({ steerable }: Pick<AttributeClassifier, 'steerable'>, name: string): number {
  const index = steerable.findIndex(
    (attribute) => attribute.name === name || directionName(attribute.name) === name,
  );
  if (index >= 0) return index;
  const known = steerable.map((attribute) => directionName(attribute.name)).join(', ');
  throw new UserError(`--attribute: got ${name}, expected one of ${known}`);
}
