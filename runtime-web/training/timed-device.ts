// A device that counts the seconds of its runs, for the share of time outside it.
import type { FloatTensors } from '../format/training/tensors.ts';
import type { GraphRole, StateDevice } from './state-device.ts';

/** The device; `now` is in seconds, on any clock that only goes forward. */
export class TimedDevice {
  /** Seconds inside the device. */
  seconds = 0;
  readonly #device: StateDevice;
  readonly #now: () => number;

  constructor(device: StateDevice, now: () => number) {
    this.#device = device;
    this.#now = now;
  }

  write(entries: FloatTensors): void {
    this.#device.write(entries);
  }

  read(): ReturnType<StateDevice['read']> {
    return this.#device.read();
  }

  async run(role: GraphRole, inputs: FloatTensors): ReturnType<StateDevice['run']> {
    const begun = this.#now();
    const outputs = await this.#device.run(role, inputs);
    this.seconds += this.#now() - begun;
    return outputs;
  }
}
