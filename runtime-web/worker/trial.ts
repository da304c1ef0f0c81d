// Measures which of two devices runs a file faster, on constant inputs. A chunk of its own, loaded only where there is a GPU that has not
// been measured yet.
import type { InferenceSession } from 'onnxruntime-web';
import type { DeviceName, DeviceReport } from '../protocol.ts';
import { inputShapes } from './input-shapes.ts';
import type { Feeds } from './feeds.ts';
import type { cached as Cached } from './fetch-file.ts';
import { keep } from '../stored-files.ts';

/** The cache of earlier measurements, and this one's key in it. */
export interface Notes {
  readonly key: string;
  readonly cached: typeof Cached;
}

/**
 * Opens a session on the device that was faster before, or measures both. A device that was faster and can no longer be opened is
 * measured again. Throws where WebAssembly fails.
 */
export async function fasterDevice(
  { key, cached }: Notes,
  open: (name: DeviceName) => Promise<InferenceSession>,
  run: (session: InferenceSession, feeds: Feeds) => Promise<unknown>,
): Promise<{ readonly session: InferenceSession; readonly report: DeviceReport }> {
  // A key alone, never fetched; the page's own origin has no address in a sandboxed frame.
  const note = `https://dcgan-note.invalid/?${encodeURIComponent(key)}`;
  const known = await (await cached(note))?.text().catch(() => undefined);
  if (known === 'webgpu' || known === 'wasm') {
    const session = await open(known).catch(() => null);
    if (session !== null)
      return { session, report: { name: known, reason: `${known} was the faster one here before` } };
  }
  const tried = await tryDevices(open, run);
  await keep(note, tried.report.name, 'text/plain');
  return tried;
}

/** Returns the session of the faster device and releases the other. Throws where WebAssembly fails. */
export async function tryDevices(
  open: (name: DeviceName) => Promise<InferenceSession>,
  run: (session: InferenceSession, feeds: Feeds) => Promise<unknown>,
): Promise<{ readonly session: InferenceSession; readonly report: DeviceReport }> {
  const trials: { name: DeviceName; session: InferenceSession; ms: number }[] = [];
  for (const name of ['webgpu', 'wasm'] as const) {
    try {
      const session = await open(name);
      trials.push({ name, session, ms: await timeOf(session, run) });
    } catch (error) {
      if (name === 'wasm') throw error;
    }
  }
  trials.sort((a, b) => a.ms - b.ms);
  const [best, ...others] = trials;
  for (const { session } of others) await session.release();
  const reason = trials.map(({ name, ms }) => `${name} ${ms.toFixed(1)} ms an image`).join(', ');
  return { session: best!.session, report: { name: best!.name, reason } };
}

/** Milliseconds for one image: the best of three runs after a warm-up. */
async function timeOf(
  session: InferenceSession,
  run: (session: InferenceSession, feeds: Feeds) => Promise<unknown>,
): Promise<number> {
  const feeds: Feeds = Object.fromEntries(
    Object.entries(inputShapes(session.inputMetadata)).map(([name, shape]) => {
      const dims = shape.map((length) => (typeof length === 'number' ? length : 1));
      const size = dims.reduce((product, length) => product * length, 1);
      return [name, [new Float32Array(size).fill(0.5), dims] as const];
    }),
  );
  let best = Infinity;
  for (let i = 0; i < 4; i++) {
    const started = performance.now();
    await run(session, feeds);
    if (i > 0) best = Math.min(best, performance.now() - started);
  }
  return best;
}
