// Which models there are and where: those of the site are listed in models/index.json, dropped ones lie in the browser's cache
// under addresses of the site's own, which the service worker answers.
import { parseModel } from '../runtime-web/format/parse-model.ts';
import { bringsOf } from './brings.ts';

/** A model that can be chosen. */
export interface ModelEntry {
  /** In URLs. */
  readonly name: string;
  readonly title: string;
  readonly url: string;
  readonly isDropped: boolean;
  /** {@link bringsOf} its model. */
  readonly brings: readonly string[];
}

/** The cache of dropped models; the service worker knows it too. */
const droppedCache = 'dcgan-dropped';
const base = new URL('.', document.baseURI);

interface Listed {
  readonly name: string;
  readonly title: string;
  readonly brings?: readonly string[];
}

/** Every model. */
export async function listModels(): Promise<ModelEntry[]> {
  const response = await fetch(new URL('models/index.json', base));
  const listed = (await response.json()) as readonly Listed[];
  const own = listed.map(({ name, title, brings = [] }) => ({
    name,
    title,
    brings,
    url: new URL(`models/${name}/model.json`, base).href,
    isDropped: false,
  }));
  return [...own, ...(await droppedModels())];
}

async function droppedModels(): Promise<ModelEntry[]> {
  if (!('caches' in window)) return [];
  const cache = await caches.open(droppedCache);
  const urls = (await cache.keys()).map(({ url }) => url).filter((url) => url.endsWith('/model.json'));
  return Promise.all(
    urls.map(async (url) => {
      const name = decodeURIComponent(url.split('/').at(-2)!);
      const brings = await readBrings(await cache.match(url), url);
      return { name: `dropped/${name}`, title: `${name} (yours)`, url, isDropped: true, brings };
    }),
  );
}

/** What a kept model brings; one that cannot be read brings nothing, and says why when it is opened. */
async function readBrings(kept: Response | undefined, url: string): Promise<readonly string[]> {
  try {
    return bringsOf(parseModel((await kept?.json()) as unknown, url));
  } catch {
    return [];
  }
}

/** Keeps a dropped model and gives its name. Throws Error for files that are no model package, or where nothing can be kept. */
export async function keepDropped(files: readonly File[]): Promise<string> {
  const table = files.find((file) => file.name === 'model.json');
  if (table === undefined) {
    throw new Error(
      `no model.json among ${files.length} files; drop the folder that has one, the run's "model"`,
    );
  }
  const model = parseModel(JSON.parse(await table.text()) as unknown, 'model.json');
  const wanted = Object.values(model.files).map(({ file }) => file);
  const missing = wanted.filter(
    (name) => name.endsWith('.onnx') && !files.some((file) => file.name === name),
  );
  if (missing.length > 0)
    throw new Error(`model.json names files that were not dropped: ${missing.join(', ')}`);
  if (!('caches' in window) || navigator.serviceWorker?.controller == null) {
    throw new Error(
      'a dropped model needs the page on https or localhost, loaded a second time; reload and drop it again',
    );
  }
  const cache = await caches.open(droppedCache);
  const folder = new URL(`models/dropped/${encodeURIComponent(model.name)}/`, base);
  for (const file of files) {
    if (file.name !== 'model.json' && !wanted.includes(file.name)) continue;
    const type = file.name.endsWith('.json') ? 'application/json' : 'application/octet-stream';
    await cache.put(new URL(file.name, folder), new Response(file, { headers: { 'content-type': type } }));
  }
  return `dropped/${model.name}`;
}

/** Forgets a dropped model. */
export async function removeDropped(name: string): Promise<void> {
  const cache = await caches.open(droppedCache);
  const folder = new URL(`models/dropped/${encodeURIComponent(name.replace(/^dropped\//, ''))}/`, base).href;
  for (const request of await cache.keys()) if (request.url.startsWith(folder)) await cache.delete(request);
}
