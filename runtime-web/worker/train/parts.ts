// Everything behind an opened training in its worker.
import type { DeviceReport } from '../../protocol.ts';
import type { TrainingLoop } from '../../training/loop.ts';
import type { StateDevice } from '../../training/state-device.ts';
import type { OrtModule } from '../onnx.ts';

/** Everything behind an opened training. */
export interface Parts {
  readonly loop: TrainingLoop;
  readonly device: StateDevice;
  readonly report: DeviceReport;
  readonly runtime: OrtModule;
  readonly sampleFile: Uint8Array;
  readonly warnings: readonly string[];
}
