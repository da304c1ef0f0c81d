// A device whose runs the page can end.
import type { StateDevice } from '../../training/state-device.ts';
import { post } from '../post.ts';

/** The device, which tells the page when a run starts and ends: one that takes too long blocks this thread, so only the page can end it. */
export function watchedDevice(
  device: StateDevice,
  run: { readonly of: string; readonly limit: number },
): StateDevice {
  return {
    write: (entries) => device.write(entries),
    read: () => device.read(),
    async run(role, inputs) {
      post({ kind: 'run', run });
      try {
        return await device.run(role, inputs);
      } finally {
        post({ kind: 'run', run: null });
      }
    },
    dispose: () => device.dispose(),
  };
}
