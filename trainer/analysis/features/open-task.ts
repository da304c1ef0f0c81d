// Opens the images of a classification task and splits them: into the data's own training and test parts if it has them, else at
// random.
import { type Channels } from '../../../runtime-web/format/image-shape.ts';
import type { Random } from '../../../runtime-web/format/random.ts';
import { openDataset, type Dataset, type DecodeProgress } from '../../data/dataset.ts';
import type { Framing } from '../../data/framing.ts';
import { describeData } from '../../data/open-source.ts';
import { testPartOf } from '../../data/test-part.ts';
import { UserError } from '../../errors.ts';
import { labelledImages, chooseLabel, type LabelledImages } from './labelled-images.ts';
import type { Task } from './protocol.ts';
import { splitImages } from './split.ts';

/** Settings. */
export interface TaskOptions {
  /** `avatars`, or a path. */
  readonly data: string;
  /** Path of the test images; null uses the data's own test part, or `testShare` of the data. */
  readonly testData: string | null;
  /** Path of the images' labels; null for those among the images. */
  readonly labels: string | null;
  /** Classes to use; null uses all. */
  readonly classes: readonly string[] | null;
  /** Attribute to predict; null predicts the class. */
  readonly attribute: string | null;
  readonly width: number;
  readonly height: number;
  readonly channels: Channels;
  readonly framing: Framing;
  readonly testShare: number;
  readonly heldOutShare: number;
  readonly labelsPerClass: number | null;
  readonly limit: number | null;
  readonly random: Random;
  readonly signal: AbortSignal;
  /** Called with warnings about the data. */
  readonly warn: (line: string) => void;
  readonly onDecoded: (progress: DecodeProgress) => void;
}

/** A task with its open resources. */
export interface OpenTask {
  readonly task: Task;
  close(): Promise<void>;
}

/**
 * Opens and splits the data. Throws UserError for images without labels, other classes in the test part, or too few
 * images.
 */
export async function openTask(options: TaskOptions): Promise<OpenTask> {
  const { data, labels, classes, attribute, random, labelsPerClass, signal } = options;
  const open: Dataset[] = [];
  const close = async (): Promise<void> => {
    for (const dataset of open) await dataset.close();
  };
  const openLabelled = async (path: string): Promise<LabelledImages> => {
    const { width, height, channels, framing, onDecoded } = options;
    // All checks that need no images come first, before decoding.
    const described = await describeData(path, { labels, signal });
    if (described.channels === 1 && channels > 1) {
      throw new UserError(
        `data ${described.name}: the images are grey, and the model is for colour images; give a run that was trained with --channels 1`,
      );
    }
    const { classNames } = described;
    chooseLabel(
      { ...described, classNames: classNames === null ? null : (classes ?? classNames) },
      attribute,
    );
    const dataset = await openDataset({
      data: path,
      labels,
      classes,
      width,
      height,
      channels,
      framing,
      signal,
      warn: options.warn,
      onProgress: onDecoded,
    });
    open.push(dataset);
    return labelledImages(dataset, attribute, signal);
  };
  try {
    const train = await openLabelled(data);
    const testPath = options.testData ?? (await testPartOf(data));
    const test = testPath === null ? null : await openLabelled(testPath);
    if (test !== null && test.names.join('\n') !== train.names.join('\n')) {
      throw new UserError(
        `--test-data: ${test.dataset.name} has the classes ${test.names.join(', ')}, and ${train.dataset.name} has ` +
          `${train.names.join(', ')}; give images of the same classes`,
      );
    }
    const split = splitImages(train, { ...options, testShare: test === null ? options.testShare : 0 });
    const all = test === null ? split.test : Int32Array.from({ length: test.dataset.count }, (_, i) => i);
    return {
      task: {
        train,
        split,
        test: test ?? train,
        testIndices: random.shuffle(all),
        learnsHeldOut: labelsPerClass === null,
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
