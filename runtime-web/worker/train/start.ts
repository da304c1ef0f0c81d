// A training starts from the weights of another, or goes on with layers that such a start has frozen.
import { ModelLoadError } from '../../errors.ts';
import type { StartRequest } from '../../train/protocol.ts';
import { firstLayersOfD } from '../../training/frozen-layers.ts';
import type { TrainingLoop } from '../../training/loop.ts';
import { startedFrom } from '../../training/start-from.ts';

const namesOf = ({ opened }: TrainingLoop): string[] => opened.trainable.state.map(({ name }) => name);

/** Starts from weights. Throws ModelLoadError for a URL that cannot be fetched; otherwise as `startedFrom` and `firstLayersOfD` do. */
export async function startLoop(loop: TrainingLoop, { weights, freezeD }: StartRequest): Promise<void> {
  const isUrl = typeof weights === 'string';
  const frozen = firstLayersOfD(namesOf(loop), freezeD);
  const bytes = isUrl ? await bytesAt(weights) : weights;
  const from = isUrl ? weights : 'a state of a page';
  const { state, sha256 } = await startedFrom(
    bytes,
    loop.opened,
    await loop.state(),
    isUrl ? weights : 'weights',
  );
  await loop.startFrom(state, frozen, { from, fromHash: sha256, freezeD });
}

/** Freezes the layers that the configuration of a restored checkpoint says. Throws RangeError for more layers than there are. */
export async function keepFrozen(
  loop: TrainingLoop,
  { from, fromHash, freezeD }: Readonly<Record<string, unknown>>,
): Promise<void> {
  const count = Number(freezeD ?? 0);
  await loop.startFrom({}, firstLayersOfD(namesOf(loop), count), { from, fromHash, freezeD: count });
}

async function bytesAt(url: string): Promise<Uint8Array<ArrayBuffer>> {
  let response: Response;
  try {
    response = await fetch(url);
  } catch (error) {
    throw new ModelLoadError(`${url}: cannot be fetched (${String(error)})`);
  }
  if (!response.ok)
    throw new ModelLoadError(`${url}: the server answers ${response.status}; expected the file`);
  return new Uint8Array(await response.arrayBuffer());
}
