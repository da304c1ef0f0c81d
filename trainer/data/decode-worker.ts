// Worker thread of decode-threads.ts: decodes one image per message and transfers its pixels.
import { parentPort } from 'node:worker_threads';
import type { DecodeAnswer, DecodeJob } from './decode-threads.ts';
import { decodeImage } from './image-file.ts';
import { BadImageError } from './source.ts';

const port = parentPort!;

port.on('message', ({ bytes, shape, framing, facts }: DecodeJob) => {
  decodeImage(bytes, shape, framing, facts).then(
    (decoded) => {
      // A copy of its own, as memory that is shared with other arrays cannot be transferred.
      const pixels = decoded.slice();
      port.postMessage({ pixels } satisfies DecodeAnswer, [pixels.buffer]);
    },
    (error: unknown) => {
      // Any other error is a fault of the program, which ends the thread.
      if (!(error instanceof BadImageError)) throw error;
      port.postMessage({ reason: error.message } satisfies DecodeAnswer);
    },
  );
});
