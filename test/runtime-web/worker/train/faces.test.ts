// The built-in faces of a training, drawn ahead by a worker: here, one that the test answers for.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { avatarAttributes } from '../../../../runtime-web/format/avatars/attributes.ts';
import { drawAvatar } from '../../../../runtime-web/format/avatars/draw-avatar.ts';
import { avatarImages } from '../../../../runtime-web/training/avatars.ts';
import { facesDrawn, type FacesWanted } from '../../../../runtime-web/worker/train/draw-faces.ts';
import { drawnAhead, type Drawing } from '../../../../runtime-web/worker/train/faces.ts';

const test = suite('faces drawn ahead');
const shape = { width: 16, height: 16, channels: 3, conditioning: null } as const;
const face = (index: number): Uint8Array => drawAvatar(avatarAttributes(index, 0), 16);

/** Faces and their worker, whose answers wait for `answer`. */
function begun(count: number) {
  const asked: FacesWanted[] = [];
  const drawnHere: number[] = [];
  const state = { started: 0, ended: 0 };
  const worker = {
    onmessage: null,
    onerror: null,
    postMessage: (wanted: FacesWanted) => void asked.push(wanted),
    terminate: () => void (state.ended += 1),
  } as unknown as Drawing;
  const images = avatarImages(count, shape);
  const faces = drawnAhead(
    {
      ...images,
      image(index) {
        drawnHere.push(index);
        return images.image(index);
      },
    },
    shape,
    () => {
      state.started += 1;
      return worker;
    },
  );
  const answer = (change = (pixels: Uint8Array): void => void pixels): void => {
    for (const wanted of asked.splice(0)) {
      const data = facesDrawn(wanted);
      change(data.pixels);
      worker.onmessage!.call(worker as Worker, { data } as MessageEvent);
    }
  };
  return { faces, asked, drawnHere, state, worker, answer };
}

const indices = (from: number, to: number): Int32Array =>
  Int32Array.from({ length: to - from }, (_, i) => from + i);

test('faces that have come are those of the set, are not drawn again, and the worker ends after the last one', () => {
  const { faces, asked, drawnHere, state, answer } = begun(80);
  assert.is(state.started, 0);
  faces.ahead!(indices(0, 50));
  assert.equal(
    asked.map(({ indices: wanted }) => wanted.length),
    [32, 18],
  );
  answer();
  for (const index of [0, 31, 32, 49]) assert.equal(faces.image(index), face(index), String(index));
  assert.equal(drawnHere, []);
  assert.is(state.ended, 0);
  faces.ahead!(indices(40, 80));
  assert.equal([...asked[0]!.indices], [...indices(50, 80)]);
  answer();
  assert.is(state.ended, 1);
  assert.equal(faces.image(79), face(79));
  faces.ahead!(indices(0, 80));
  assert.equal([asked.length, state.started, state.ended], [0, 1, 1]);
});

test('a face that has not come is drawn here, and is not asked for', () => {
  const { faces, asked, drawnHere, state, answer } = begun(20);
  assert.equal(faces.image(3), face(3));
  faces.ahead!(indices(0, 10));
  assert.equal([...asked[0]!.indices], [0, 1, 2, 4, 5, 6, 7, 8, 9]);
  assert.equal(faces.image(5), face(5));
  assert.equal(drawnHere, [3, 5]);
  answer();
  for (let index = 10; index < 20; index++) faces.image(index);
  assert.is(state.ended, 1);
});

test('a worker that fails, or that cannot be started, is not asked again, and all faces are drawn here', () => {
  const { faces, asked, state, worker } = begun(20);
  faces.ahead!(indices(0, 4));
  let isSilenced = false;
  const event = { preventDefault: () => (isSilenced = true) } as unknown as ErrorEvent;
  worker.onerror!.call(worker as Worker, event);
  assert.equal([isSilenced, state.ended], [true, 1]);
  faces.ahead!(indices(4, 8));
  assert.is(asked.length, 1);
  assert.equal(faces.image(0), face(0));

  const refusing = drawnAhead(avatarImages(20, shape), shape, () => {
    throw new Error('refused');
  });
  refusing.ahead!(indices(0, 4));
  assert.equal(refusing.image(2), face(2));
  refusing.end!();
});

test('the end of a training ends the worker, and grey faces are as grey as those of the set', () => {
  const { faces, state } = begun(20);
  faces.ahead!(indices(0, 4));
  faces.end!();
  assert.is(state.ended, 1);
  const grey = { ...shape, channels: 1 } as const;
  const { pixels } = facesDrawn({ indices: Int32Array.of(7, 9), width: 16, channels: 1 });
  assert.equal(pixels.subarray(256), avatarImages(20, grey).image(9));
});

test.run();
