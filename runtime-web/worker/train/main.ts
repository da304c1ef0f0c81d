// The training worker: one training, whose calls take turns between its steps. It is built into one file that imports nothing.
import { expose, transfer } from 'comlink';
import type { TrainApi } from '../../train/protocol.ts';
import { later } from '../load-later.ts';
import { holdLock } from '../hold-lock.ts';
import { post } from '../post.ts';
import type * as Later from './later.ts';
import { Session } from './session.ts';

let session: Session | null = null;
let turn: Promise<unknown> = Promise.resolve();

/** Serialises the work on the training. */
function inTurn<T>(work: (session: Session) => Promise<T>): Promise<T> {
  const mine = turn.then(() => {
    if (session === null) throw new Error('the trainer has been disposed of');
    return work(session);
  });
  turn = mine.catch(() => undefined);
  return mine;
}

const { port1, port2 } = new MessageChannel();

/** Waits for one turn of the event loop, so that messages arrive between two steps. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    port1.onmessage = () => resolve();
    port2.postMessage(null);
  });
}

let isPaused = false;

const api: TrainApi = {
  async open(request, onProgress) {
    const opening = Session.open(request, onProgress);
    turn = opening.catch(() => undefined);
    session = await opening;
    return session.opened;
  },

  step: (request) => inTurn((opened) => opened.step(request)),

  async run(steps, onEvent = () => undefined) {
    isPaused = false;
    for (let done = 0; (steps === null || done < steps) && !isPaused; done++) {
      const events = await inTurn((opened) => opened.stepOfRun());
      for (const event of events)
        onEvent(event.kind === 'state' ? transfer(event, [event.state.buffer]) : event);
      await nextTurn();
    }
    return inTurn(async (opened) => opened.report());
  },

  async pause() {
    isPaused = true;
  },

  sample: (request) =>
    inTurn(async (opened) => {
      const pixels = await opened.sample(request);
      return transfer(pixels, [pixels.buffer]);
    }),
  judge: (images) => inTurn((opened) => opened.judge(images)),
  samplePoints: (seeds) => inTurn((opened) => opened.loop.sample(seeds)),
  judgePoints: (points) =>
    inTurn((opened) => opened.loop.judge({ images: points, labels: null, condition: null })),
  slopes: (points) => inTurn(async (opened) => (await later<typeof Later>()).slopesAt(opened.loop, points)),
  save: () => inTurn(async (opened) => sent(await opened.save())),
  load: (state) => inTurn((opened) => opened.load(state)),
  set: (change) => inTurn(async (opened) => opened.set(change)),
  toRun: ({ hasPictures }) => inTurn(async (opened) => sent(await opened.leave('run', hasPictures))),
  toPackage: () => inTurn(async (opened) => sent(await opened.leave('package', false))),

  async dispose() {
    isPaused = true;
    await inTurn(async (opened) => {
      session = null;
      await opened.dispose();
    });
  },
};

/** Bytes that move to the page. */
function sent(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  return transfer(bytes, [bytes.buffer]);
}

expose(api);
post({ kind: 'ready' });
holdLock();
