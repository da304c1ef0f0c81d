// Opens the images that a run was not trained on: those it set aside, its data's test part, later avatars, or others that the user gives.
import { labelUseOf } from '../config/conditioning.ts';
import type { Dataset } from '../data/dataset.ts';
import { openHeldOut } from '../data/held-out.ts';
import { noCondition } from '../data/labels/use-columns.ts';
import { UserError } from '../errors.ts';
import { readLabelled } from '../frozen/read-labelled.ts';
import { dataOfConfig, openRunData } from '../run/run-data.ts';
import type { TrainedRun } from '../run/trained-run.ts';
import { labelsName } from '../../runtime-web/format/condition.ts';
import type { HeldOutKind } from './verdict.ts';

/** Opened held-out images; the caller closes the dataset. */
export interface HeldOutImages {
  readonly dataset: Dataset;
  readonly kind: HeldOutKind;
  /** The reason why they lack the labels that D receives; null if they have them, or D receives none. */
  readonly unlabelled: string | null;
}

/** Options of {@link openHeldOutImages}. */
export interface HeldOutOptions {
  readonly training: Dataset;
  /** The path of the training images, or `avatars`. */
  readonly data: string;
  /** The path of the user's held-out images; null for the run's. */
  readonly given: string | null;
  readonly signal: AbortSignal;
  readonly warn: (line: string) => void;
}

/** The number of avatars after the training images that are left to measure discriminators on. */
const avatarGap = 10_000;
/** Number of avatars. */
const avatars = 1000;

/** Opens the images at the run's size. Throws UserError, with the remedy, if there are none. */
export async function openHeldOutImages(
  run: TrainedRun,
  { training, data, given, signal, warn }: HeldOutOptions,
): Promise<HeldOutImages> {
  const { config, conditioning } = run;
  const withLabels = async (dataset: Dataset, kind: HeldOutKind): Promise<HeldOutImages> => {
    const unlabelled = await readLabelled(dataset, [0], run).then(
      () => null,
      (error: unknown) => {
        if (error instanceof UserError) return error.message;
        throw error;
      },
    );
    return { dataset, kind, unlabelled };
  };
  if (given !== null) {
    const others = { ...run, config: { ...config, holdOut: null, labels: null } };
    const { dataset } = await openRunData(others, { data: given, signal, warn }).catch((error: unknown) => {
      if (error instanceof UserError) throw new UserError(error.message.replaceAll('--data', '--held-out'));
      throw error;
    });
    return withLabels(dataset, 'given');
  }
  const own = dataOfConfig({ ...config, data });
  const open = (hasLabels: boolean): Promise<Dataset | null> =>
    openHeldOut(
      {
        ...own,
        // The labels of a test part are among its own images.
        labels: own.holdOut === null ? null : own.labels,
        labelUse: hasLabels && labelsName(conditioning) !== null ? labelUseOf(config) : noCondition,
        signal,
      },
      { first: training.count + avatarGap, count: avatars },
    );
  const dataset = await open(true).catch((error: unknown) => {
    if (own.holdOut !== null || !(error instanceof UserError)) throw error;
    return open(false);
  });
  if (dataset === null) {
    throw new UserError(
      `${run.folder.path}: has no held-out images to compare with: training set none aside, and ${training.name} has no test part; ` +
        'give images of the same kind that it was not trained on with --held-out PATH, or train with --hold-out 5%',
    );
  }
  const kind = own.holdOut !== null ? 'set aside' : data === 'avatars' ? 'later avatars' : 'test part';
  return withLabels(dataset, kind);
}
