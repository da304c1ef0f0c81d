// The page: reads where it is from the URL, loads the model that is chosen, and opens the room.
import { loadGenerator, type Generator } from '../runtime-web/index.ts';
import { listModels, type ModelEntry } from './models.ts';
import { errorBox, make } from './page.ts';
import { roomOf, type Room } from './room.ts';
import { arithmetic } from './rooms/arithmetic.ts';
import { directions } from './rooms/directions.ts';
import { generate } from './rooms/generate.ts';
import { howItWorks } from './rooms/how-it-works.ts';
import { models } from './rooms/models.ts';
import { walk } from './rooms/walk.ts';
import { hashOf, readState } from './state.ts';

const rooms: readonly Room[] = [
  generate,
  walk,
  arithmetic,
  directions,
  howItWorks,
  roomOf(
    'look-inside',
    'Look inside',
    async () => (await import('./rooms/look-inside.ts')).lookInside,
    'masked',
  ),
  roomOf('restore', 'Restore', async () => (await import('./rooms/restore.ts')).restoreRoom, 'restoring'),
  roomOf(
    'real-or-fake',
    'Real or fake?',
    async () => (await import('./rooms/real-or-fake.ts')).realOrFake,
    'discriminator',
  ),
  roomOf('classes', 'Classes', async () => (await import('./rooms/classes.ts')).classesRoom, 'classes'),
  roomOf('codes', 'Codes', async () => (await import('./rooms/codes.ts')).codesRoom, 'codes'),
  roomOf(
    'mix-styles',
    'Mix styles',
    async () => (await import('./rooms/mix-styles.ts')).mixStylesRoom,
    'styles',
  ),
  roomOf('steer', 'Steer', async () => (await import('./rooms/steer.ts')).steerRoom, 'steering'),
  models,
];
const element = <T extends HTMLElement>(id: string): T => document.getElementById(id) as T;
const place = element('room');
const links = element('rooms');
const picker = element<HTMLSelectElement>('model');
const device = element('device');

let leave = new AbortController();
let loaded: { readonly name: string; readonly generator: Promise<Generator> } | null = null;

/** The generator of a model; the one before it is let go. */
function generatorFor({ name, url }: ModelEntry, onProgress: (share: number) => void): Promise<Generator> {
  if (loaded?.name === name) return loaded.generator;
  loaded?.generator.then(
    (generator) => generator.dispose(),
    () => undefined,
  );
  const generator = loadGenerator(url, {
    onProgress: ({ loaded: bytes, total }) => onProgress(bytes / total),
  });
  loaded = { name, generator };
  generator.catch(() => (loaded = null));
  return generator;
}

/** The model to enter a room with: `current`, or the first that brings what the room needs. */
function entryFor(
  { needs }: Room,
  entries: readonly ModelEntry[],
  current: ModelEntry | undefined = entries[0],
): ModelEntry | undefined {
  const isFit = ({ brings }: ModelEntry): boolean => needs === undefined || brings.includes(needs);
  return current !== undefined && isFit(current) ? current : (entries.find(isFit) ?? current);
}

/** Opens the room that the URL names. */
async function open(): Promise<void> {
  leave.abort();
  leave = new AbortController();
  const { signal } = leave;
  const { room: name, values } = readState();
  const room = rooms.find((candidate) => candidate.name === name) ?? generate;
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
    document.title = `${room.title} · Pictures from numbers`;
    const progress = make('progress', {
      attributes: { max: '1', value: '0', 'aria-label': 'Loading the model' },
    });
    place.replaceChildren(progress);
    const generator = await generatorFor(entry, (share) => (progress.value = share));
    if (signal.aborted) return;
    place.replaceChildren();
    device.textContent = `Drawn with ${generator.device.name} (${generator.device.reason}).`;
    await room.open({ place, generator, model: entry.name, values, signal });
  } catch (error) {
    if (!signal.aborted) place.append(errorBox(error));
  }
}

picker.addEventListener('change', () => {
  const { room } = readState();
  location.hash = hashOf({ room: room === '' ? 'generate' : room, values: { model: picker.value } });
});
addEventListener('hashchange', () => {
  void open().then(() => place.focus({ preventScroll: true }));
});
addEventListener('unhandledrejection', (event) => {
  if (leave.signal.aborted || (event.reason as Error)?.name === 'AbortError') event.preventDefault();
  else place.append(errorBox(event.reason));
});

/** Works offline from the second visit on; where the host does not isolate the page, the service worker does, from the next load on. */
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
