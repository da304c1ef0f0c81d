// A walk through latent space, from keyframe to keyframe: every latent on the way is a picture too.
import { usualPath } from '../../runtime-web/format/latents.ts';
import { maxKeyframes } from '../../runtime-web/format/page-link.ts';
import { latentOf, mix } from '../../runtime-web/index.ts';
import type { RoomContext } from '../room.ts';
import { largeCanvas, lead, make, save, show } from '../page.ts';
import { note, randomSeed, wholeNumber, wholeNumbers } from '../state.ts';
import { bar, button, slider } from '../widgets.ts';

const secondsPerStage = 2;

/** Fills the room. */
export async function open({ place, generator, model, first, values, signal }: RoomContext): Promise<void> {
  const seeds = wholeNumbers(
    values['seeds'],
    [1, 7, 12, 20].map((seed) => first + seed),
  ).slice(0, maxKeyframes);
  while (seeds.length < 2) seeds.push(seeds.length);
  let at = Math.max(0, Math.min(1, Number(values['at'] ?? 0) || 0));
  let isPlaying = false;
  let isDrawing = false;
  const canvas = largeCanvas('The picture at this point of the walk');
  const asked = values['path'];
  const path =
    asked === 'slerp' || asked === 'linear' ? asked : usualPath(generator.model.latent.distribution);

  const draw = async (): Promise<void> => {
    if (isDrawing || signal.aborted) return;
    isDrawing = true;
    try {
      const position = at * (seeds.length - 1);
      const stage = Math.min(seeds.length - 2, Math.floor(position));
      const [from, to] = [seeds[stage]!, seeds[stage + 1]!].map((seed) => latentOf(generator.model, seed));
      const z = mix(from!, to!, position - stage, path);
      const [image] = await generator.generate({ z: [z], signal });
      show(canvas, image!);
    } finally {
      isDrawing = false;
    }
  };
  const scrub = slider('Position', { min: 0, max: 1, step: 0.001, value: at }, (value) => {
    at = value;
    note({ at: at.toFixed(3) });
    void draw();
  });
  const thumb = scrub.querySelector('input')!;
  const shown = scrub.querySelector('output')!;
  let last = 0;
  const frame = (now: number): void => {
    if (!isPlaying || signal.aborted) return;
    at += Math.min(0.1, (now - last) / 1000) / (secondsPerStage * (seeds.length - 1));
    if (at >= 1) at -= 1;
    last = now;
    thumb.value = `${at}`;
    shown.textContent = at.toFixed(2);
    void draw();
    requestAnimationFrame(frame);
  };
  const play = button(
    'Play',
    () => {
      isPlaying = !isPlaying;
      play.textContent = isPlaying ? 'Pause' : 'Play';
      last = performance.now();
      if (isPlaying) requestAnimationFrame(frame);
      else note({ at: at.toFixed(3) });
    },
    true,
  );
  const keyframes = make('div', { class: 'bar' });
  const listKeyframes = (): void => {
    note({ seeds: seeds.join(',') });
    keyframes.replaceChildren(
      ...seeds.map((seed, i) => {
        const input = make('input', {
          attributes: { type: 'number', min: '0', value: `${seed}` },
          on: {
            change: () => {
              seeds[i] = wholeNumber(input.value, seed);
              listKeyframes();
              void draw();
            },
          },
        });
        return make('label', {}, `Keyframe ${i + 1} `, input);
      }),
      button('Add a keyframe', () => {
        if (seeds.length < maxKeyframes) seeds.push(randomSeed());
        listKeyframes();
        void draw();
      }),
      button('Remove the last one', () => {
        if (seeds.length > 2) seeds.pop();
        listKeyframes();
        void draw();
      }),
    );
  };
  const status = make('span', { attributes: { role: 'status' } });
  const film = button('Save as a film', () => {
    film.disabled = true;
    record()
      .then(
        (blob) => {
          save(blob, `${model}-walk.webm`);
          status.textContent = 'Saved';
        },
        (error: Error) => (status.textContent = error.message),
      )
      .finally(() => (film.disabled = false));
  });
  /** The walk from the first keyframe to the last, in the browser's own video format. */
  const record = async (): Promise<Blob> => {
    if (typeof MediaRecorder === 'undefined') throw new Error('this browser cannot make films');
    const stream = canvas.captureStream(30);
    const recorder = new MediaRecorder(stream, { mimeType: 'video/webm' });
    const parts: Blob[] = [];
    recorder.addEventListener('dataavailable', ({ data }) => parts.push(data));
    const ended = new Promise((done) => recorder.addEventListener('stop', done));
    recorder.start();
    const frames = secondsPerStage * 30 * (seeds.length - 1);
    for (let i = 0; i <= frames && !signal.aborted; i++) {
      at = i / frames;
      status.textContent = `${Math.round(at * 100)}%`;
      const due = performance.now() + 1000 / 30;
      await draw();
      await new Promise((done) => setTimeout(done, Math.max(0, due - performance.now())));
    }
    recorder.stop();
    await ended;
    return new Blob(parts, { type: 'video/webm' });
  };
  place.append(
    lead(
      'Between any two pictures lie others. A generator that had memorised its pictures would jump from one to the next. This one ' +
        'changes smoothly, which suggests it has learned what its pictures have in common.',
    ),
    canvas,
    bar(play, scrub, film, status),
    keyframes,
  );
  listKeyframes();
  await draw();
}
