// Messages to the page besides the answers to its calls, which comlink sends.
import type { WorkerMessage } from '../protocol.ts';

/** Sends a message. */
export function post(message: WorkerMessage): void {
  self.postMessage(message);
}
