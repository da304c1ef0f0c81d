// A training that starts from the weights of another, by the rules of `dcgan train --from`.
import { isNullOr, isNumber, isObject, isRecord, type Check } from '../format/fields.ts';
import type { Conditioning } from '../format/model.ts';
import { ModelFormatError } from '../format/model-format-error.ts';
import { isConditioning } from '../format/parse-conditioning.ts';
import { checkpointFormat, startFormat } from '../format/training/checkpoint-bytes.ts';
import { takeWeights } from '../format/training/take-weights.ts';
import type { FloatTensors } from '../format/training/tensors.ts';
import type { TrainablePackage } from '../format/training/trainable.ts';
import { readVerified } from './read-verified.ts';

const isDataset = isObject(({ get }) => ({
  conditioning: get('conditioning', (value, at) => isNullOr(isConditioning)(value ?? null, at)),
  classNames: get('classNames', (value) => (Array.isArray(value) ? value.map(String) : null)),
}));

/** The settings of networks that decide which of their rows fit. */
const isNetworkConfig: Check<{ readonly latent: number; readonly [key: string]: unknown }> = (
  value,
  place,
) => {
  const config = isRecord(value, place);
  return { ...config, latent: isNumber(1)(config['latent'], place) };
};

/**
 * The state `initial` of a package with the weights of a checkpoint, or of a file of weights to start from, that fit; also the sha256 of
 * the file. Throws ModelFormatError, which names the file `where`, for bytes that are damaged or neither, for networks of another kind or
 * other channels, and where no layer fits.
 */
export async function startedFrom(
  bytes: Uint8Array<ArrayBuffer>,
  { trainable, conditioning, channels }: TrainablePackage,
  initial: FloatTensors,
  where = 'weights',
): Promise<{ readonly state: FloatTensors; readonly sha256: string }> {
  const { tensors, sha256, checked } = await readVerified(bytes, [checkpointFormat, startFormat], where);
  const config = checked('config', isNetworkConfig);
  const own = trainable.config as Readonly<Record<string, unknown>>;
  for (const key of ['network', 'channels'] as const) {
    const expected = key === 'channels' ? channels : own[key];
    if (config[key] !== expected)
      throw new ModelFormatError(
        `${where}: its networks have ${key} ${String(config[key])}, and the package's have ${String(expected)}; give one that fits`,
      );
  }
  const { conditioning: saved, classNames } = checked('dataset', isDataset);
  const names = config['condition'] === 'label' ? classNames : null;
  const before: Conditioning = saved ?? (names && { kind: 'classes', names });
  const of = (values: Readonly<Record<string, unknown>>) => ({
    labelDiscriminator: values['labelDiscriminator'],
    latent: Number(values['latent']),
  });
  const { state, share } = takeWeights(
    { state: initial, config: of(own), conditioning },
    { state: tensors, config: of(config), conditioning: before },
    { hasMoments: false },
  );
  if (share === 0)
    throw new ModelFormatError(
      `${where}: no layer of its networks fits (base width ${String(config['baseWidth'])}, here ${String(own['baseWidth'])}); give one that fits`,
    );
  return { state: state as FloatTensors, sha256 };
}
