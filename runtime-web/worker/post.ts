// Messages to the page.
import type { WorkerMessage } from '../protocol.ts';

/** Sends a message; the buffers in `transferred` move to the page instead of being copied. */
export function post(message: WorkerMessage, transferred: ArrayBuffer[] = []): void {
  self.postMessage(message, { transfer: transferred });
}
