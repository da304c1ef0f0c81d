// TensorFlow for the suites in this folder, which run where `npm run setup:tensorflow` has been called, and skip where not.
import { loadTensorflow, type LoadedTensorflow } from '../../../trainer/engine/tensorflow/load.ts';

/** TensorFlow on the processor with two threads, or null, with the reason printed. */
export function tensorflowOrSkip(suite: string): LoadedTensorflow | null {
  try {
    return loadTensorflow({ device: 'cpu', threads: 2, tf32: false, isVerbose: false });
  } catch (error) {
    console.log(`skipped: ${suite}, ${(error as Error).message}`);
    return null;
  }
}
