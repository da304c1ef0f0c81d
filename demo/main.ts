// The page: reads the room and the model from the URL, loads both, and opens the room.
import { loadGenerator, type Generator } from '../runtime-web/index.ts';
import { listModels, type ModelEntry } from './models.ts';
import { deviceText } from './device-text.ts';
import { errorBox, make } from './page.ts';
import type { Room } from './room.ts';
import { rooms } from './rooms.ts';
import { hashOf, readState } from './state.ts';

const element = <T extends HTMLElement>(id: string): T => document.getElementById(id) as T;
const place = element('room');
const links = element('rooms');
const picker = element<HTMLSelectElement>('model');
const device = element('device');

let leave = new AbortController();
let loaded: { readonly name: string; readonly generator: Promise<Generator> } | null = null;

/** Frees the generator that is loaded. */
function unload(): void {
  loaded?.generator.then(
    (generator) => generator.dispose(),
    () => undefined,
  );
  loaded = null;
}

/** The generator of a model; the previous one is disposed of. */
function generatorFor({ name, url }: ModelEntry, onProgress: (share: number) => void): Promise<Generator> {
  if (loaded?.name === name) return loaded.generator;
  unload();
  const generator = loadGenerator(url, {
    onProgress: ({ loaded: bytes, total }) => onProgress(bytes / total),
  });
  loaded = { name, generator };
  generator.catch(() => (loaded = null));
  return generator;
}

/** The model to enter a room with: the current one, or the first one that has the needed capability. */
function entryFor(
  { needs }: Room,
  entries: readonly ModelEntry[],
  current: ModelEntry | undefined = entries[0],
): ModelEntry | undefined {
  const isFit = ({ capabilities }: ModelEntry): boolean =>
    needs === undefined || capabilities.includes(needs);
  return current !== undefined && isFit(current) ? current : (entries.find(isFit) ?? current);
}

/** Opens the room that the URL names. */
async function open(): Promise<void> {
  leave.abort();
  leave = new AbortController();
  const { signal } = leave;
  const { room: name, values } = readState();
  const room = rooms.find((candidate) => candidate.name === name) ?? rooms[0]!;
  place.replaceChildren();
  try {
    const entries = await listModels();
    const entry = entries.find((candidate) => candidate.name === values['model']) ?? entryFor(room, entries);
    if (entry === undefined) throw new Error('there is no model on this site');
    if (signal.aborted) return;
    links.replaceChildren(
      ...rooms.map((each) =>
        make(
          'li',
          {},
          make('a', {
            text: each.title,
            attributes: {
              href: hashOf({ room: each.name, values: { model: entryFor(each, entries, entry)!.name } }),
              'aria-current': each === room ? 'page' : null,
            },
          }),
        ),
      ),
    );
    picker.replaceChildren(
      ...entries.map(({ name: value, title }) => make('option', { text: title, attributes: { value } })),
    );
    picker.value = entry.name;
    picker.closest('label')!.hidden = room.isPlain === true;
    document.title = `${room.title} · Pictures from numbers`;
    if (room.isPlain === true) {
      unload();
      device.textContent = '';
      const { open: fill } = await room.load();
      if (signal.aborted) return;
      place.replaceChildren(make('h2', { text: room.title }));
      return await fill({ place, values, signal });
    }
    const progress = make('progress', {
      attributes: { max: '1', value: '0', 'aria-label': 'Loading the model' },
    });
    place.replaceChildren(progress);
    const [generator, { open: fill }] = await Promise.all([
      generatorFor(entry, (share) => (progress.value = share)),
      room.load(),
    ]);
    if (signal.aborted) return;
    place.replaceChildren(make('h2', { text: room.title }));
    place.style.setProperty('--shape', `${generator.model.width} / ${generator.model.height}`);
    device.textContent = deviceText(generator.device);
    await fill({ place, generator, model: entry.name, first: entry.first, values, signal });
  } catch (error) {
    if (!signal.aborted) place.append(errorBox(error));
  }
}

picker.addEventListener('change', () => {
  const { room } = readState();
  location.hash = hashOf({ room: room === '' ? rooms[0]!.name : room, values: { model: picker.value } });
});
addEventListener('hashchange', () => {
  void open().then(() => place.focus({ preventScroll: true }));
});
addEventListener('unhandledrejection', (event) => {
  if (leave.signal.aborted || (event.reason as Error)?.name === 'AbortError') event.preventDefault();
  else place.append(errorBox(event.reason));
});

/** Makes the page work offline from the second visit on, and isolated (for threads) on hosts that send no headers, after a reload. */
async function startServiceWorker(): Promise<void> {
  if (!('serviceWorker' in navigator)) return;
  await navigator.serviceWorker.register('service-worker.js', { scope: './' });
  await navigator.serviceWorker.ready;
  const key = 'dcgan-isolated';
  if (!crossOriginIsolated && sessionStorage.getItem(key) === null) {
    sessionStorage.setItem(key, 'tried');
    location.reload();
  }
}

void startServiceWorker().catch(() => undefined);
void open();
