// A walk through latent space: between two lists of numbers lie others, and every one of them is a picture too.
import { usualPath } from '../../runtime-web/format/latents.ts';
import { mostStops } from '../../runtime-web/format/page-link.ts';
import { latentOf, mix } from '../../runtime-web/index.ts';
import { button, make, opening, save, show, slider } from '../page.ts';
import type { Room, RoomContext } from '../room.ts';
import { note, wholeNumber, wholeNumbers } from '../state.ts';

const secondsPerStage = 2;

export const walk: Room = {
  name: 'walk',
  title: 'Walk',
  async open({ place, generator, model, values, signal }: RoomContext) {
    const seeds = wholeNumbers(values['seeds'], [1, 7, 23, 42]).slice(0, mostStops);
    while (seeds.length < 2) seeds.push(seeds.length);
    let at = Math.min(1, Number(values['at'] ?? 0) || 0);
    let isPlaying = false;
    let isDrawing = false;
    const canvas = make('canvas', {
      class: 'large',
      attributes: { role: 'img', 'aria-label': 'The picture at this place of the walk' },
    });
    const asked = values['path'];
    const path =
      asked === 'slerp' || asked === 'linear' ? asked : usualPath(generator.model.latent.distribution);

    const draw = async (): Promise<void> => {
      if (isDrawing || signal.aborted) return;
      isDrawing = true;
      try {
        const place = at * (seeds.length - 1);
        const stage = Math.min(seeds.length - 2, Math.floor(place));
        const [from, to] = [seeds[stage]!, seeds[stage + 1]!].map((seed) => latentOf(generator.model, seed));
        const z = mix(from!, to!, place - stage, path);
        const [image] = await generator.generate({ z: [z], signal });
        show(canvas, image!);
      } finally {
        isDrawing = false;
      }
    };
    const scrub = slider('Place', { min: 0, max: 1, step: 0.001, value: at }, (value) => {
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
    const stops = make('div', { class: 'bar' });
    const listStops = (): void => {
      note({ seeds: seeds.join(',') });
      stops.replaceChildren(
        ...seeds.map((seed, i) => {
          const input = make('input', {
            attributes: { type: 'number', min: '0', value: `${seed}` },
            on: {
              change: () => {
                seeds[i] = wholeNumber(input.value, seed);
                listStops();
                void draw();
              },
            },
          });
          return make('label', {}, `Stop ${i + 1} `, input);
        }),
        button('Add a stop', () => {
          if (seeds.length < mostStops) seeds.push(Math.floor(Math.random() * 1_000_000));
          listStops();
          void draw();
        }),
        button('Remove the last', () => {
          if (seeds.length > 2) seeds.pop();
          listStops();
          void draw();
        }),
      );
    };
    const told = make('span', { attributes: { role: 'status' } });
    const film = button('Save as a film', () => {
      film.disabled = true;
      record()
        .then(
          (blob) => {
            save(blob, `${model}-walk.webm`);
            told.textContent = 'Saved';
          },
          (error: Error) => (told.textContent = error.message),
        )
        .finally(() => (film.disabled = false));
    });
    /** One time from the first stop to the last, as the browser's own video format. */
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
        told.textContent = `${Math.round(at * 100)}%`;
        const due = performance.now() + 1000 / 30;
        await draw();
        await new Promise((done) => setTimeout(done, Math.max(0, due - performance.now())));
      }
      recorder.stop();
      await ended;
      return new Blob(parts, { type: 'video/webm' });
    };
    place.append(
      ...opening(
        'Walk',
        'Between any two pictures lie others. If the generator had learned its training set by heart, there would be nothing ' +
          'in between but jumps; that the way is smooth shows that it has learned what such pictures have in common.',
      ),
      canvas,
      make('div', { class: 'bar' }, play, scrub, film, told),
      stops,
    );
    listStops();
    await draw();
  },
};
