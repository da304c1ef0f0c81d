// Capabilities of a model that some rooms need. models/index.json lists those of the site's own models, so that a page knows them
// without fetching every model.json.
import type { Model } from '../runtime-web/format/model.ts';

const hasCapability = {
  /** Classes, attributes or numbers. */
  classes: ({ conditioning }: Model) => conditioning !== null && conditioning.kind !== 'codes',
  codes: ({ conditioning }: Model) => conditioning?.kind === 'codes',
  masked: ({ files }: Model) => files.masked !== undefined,
  discriminator: ({ files }: Model) => files.discriminator !== undefined,
  restoring: ({ files }: Model) => files.restoring !== undefined,
  steering: ({ files }: Model) => files.steering !== undefined,
  directions: ({ directions }: Model) => directions.length > 0,
  styles: ({ styles }: Model) => styles !== null,
};

/** Something that not every model can do. */
export type Capability = keyof typeof hasCapability;

/** The capabilities of a model. */
export function capabilitiesOf(model: Model): readonly Capability[] {
  const all = Object.keys(hasCapability) as Capability[];
  return all.filter((capability) => hasCapability[capability](model));
}
