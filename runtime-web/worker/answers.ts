// Answers the page's calls; runtime-web/remote-calls.ts is the other end.
import type { Answer, Question } from '../protocol.ts';

type Functions = Readonly<Record<string, (...args: never[]) => unknown>>;

/**
 * Answers every message with the function that it names. The function receives the message's arguments, and last a callback for
 * progress. The buffer of a result's `data` is handed over instead of copied.
 */
export function answerCalls(functions: Functions): void {
  const post = (answer: Answer, handedOver: Transferable[] = []): void =>
    self.postMessage(answer, { transfer: handedOver });
  self.addEventListener('message', async ({ data: { id, name, args } }: MessageEvent<Question>) => {
    try {
      const call = functions[name] as (...given: readonly unknown[]) => unknown;
      const value = await call(...args, (progress: unknown) => post({ id, progress }));
      const { data } = (value ?? {}) as { readonly data?: unknown };
      post({ id, value }, ArrayBuffer.isView(data) ? [data.buffer as ArrayBuffer] : []);
    } catch (error) {
      const { name: kind, message } = error instanceof Error ? error : new Error(String(error));
      post({ id, error: { name: kind, message } });
    }
  });
}
