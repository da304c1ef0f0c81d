// A run's generator and a classifier of attributes, ready to steer with: the classifier is trained for it, on labelled images of
// the kind that the run draws.
import { classifierPrefix, type AttributeClassifier } from '../analysis/attributes/attribute-classifier.ts';
import { directionName } from '../analysis/directions/directions.ts';
import type { TrainedRun } from '../run/trained-run.ts';
import type { Engine } from '../engine/engine.ts';
import { UserError } from '../errors.ts';
import type { SteeringNetworks } from './steering-step.ts';

/** A classifier with its parameters, which the engine holds. */
export async function heldClassifier(
  { attributes, classify }: AttributeClassifier,
  engine: Engine,
): Promise<SteeringNetworks['classifier']> {
  const state = await engine.readState();
  const parameters = Object.fromEntries(
    Object.entries(state).filter(([name]) => name.startsWith(classifierPrefix)),
  );
  return { attributes, parameters, classify: (held, images) => classify(held, images) };
}

/** The networks of a run and a classifier that the engine holds. */
export async function steeringNetworks(
  { config, generator }: Pick<TrainedRun, 'config' | 'generator'>,
  classifier: AttributeClassifier,
  engine: Engine,
): Promise<SteeringNetworks> {
  return {
    generator,
    classifier: await heldClassifier(classifier, engine),
    distribution: config.latentDistribution,
  };
}

/** The place of an attribute, by its own name or its direction's. Throws UserError for one that there is not. */
export function attributeIndex(
  { attributes }: Pick<AttributeClassifier, 'attributes'>,
  name: string,
): number {
  const index = attributes.findIndex(
    (attribute) => attribute.name === name || directionName(attribute.name) === name,
  );
  if (index >= 0) return index;
  const known = attributes.map((attribute) => directionName(attribute.name)).join(', ');
  throw new UserError(`--attribute: got ${name}, expected one of ${known}`);
}
