// The list of models. models/index.json lists those of the site; dropped ones are in the browser's cache, under addresses of the site
// that the service worker answers.
import { parseModel } from '../runtime-web/format/parse-model.ts';
import { untrained } from '../runtime-web/format/untrained.ts';
import { capabilitiesOf, type Capability } from './capabilities.ts';

/** A model to choose. */
export interface ModelEntry {
  /** The name in URLs. */
  readonly name: string;
  readonly title: string;
  readonly url: string;
  readonly isDropped: boolean;
  /** The number of the picture that rooms show first. */
  readonly first: number;
  readonly capabilities: readonly Capability[];
}

/** The cache of dropped models, which the service worker reads too. */
const droppedCache = 'dcgan-dropped';
const base = new URL('.', document.baseURI);
const droppedFolder = new URL('models/dropped/', base);

interface Listed {
  readonly name: string;
  readonly title: string;
  readonly first?: number;
  readonly capabilities?: readonly Capability[];
}

/** Every model. */
export async function listModels(): Promise<ModelEntry[]> {
  const response = await fetch(new URL('models/index.json', base));
  const listed = (await response.json()) as readonly Listed[];
  const own = listed.map(({ name, title, first = 0, capabilities = [] }) => ({
    name,
    title,
    first,
    capabilities,
    url: new URL(`models/${name}/model.json`, base).href,
    isDropped: false,
  }));
  return [...own, ...(await droppedModels())];
}

/** The dropped models; none where the browser has no cache or refuses it. */
async function droppedModels(): Promise<ModelEntry[]> {
  const cache = await openDropped().catch(() => null);
  const keys = await cache?.keys().catch(() => null);
  if (cache == null || keys == null) return [];
  const urls = keys
    .map(({ url }) => url)
    .filter((url) => url.startsWith(droppedFolder.href) && url.endsWith('/model.json'));
  return Promise.all(
    urls.map(async (url) => {
      const name = decodeURIComponent(url.split('/').at(-2)!).replace(/^~/, '');
      const capabilities = await readCapabilities(await cache.match(url), url);
      return {
        name: `dropped/${name}`,
        title: `${name} (yours)`,
        url,
        isDropped: true,
        first: 0,
        capabilities,
      };
    }),
  );
}

/** The cache. Throws where the browser has none or refuses it. */
async function openDropped(): Promise<Cache> {
  return caches.open(droppedCache);
}

/** The capabilities of a dropped model; none for one that cannot be read, which fails with a message when it is opened. */
async function readCapabilities(kept: Response | undefined, url: string): Promise<readonly Capability[]> {
  try {
    return capabilitiesOf(parseModel((await kept?.json()) as unknown, url));
  } catch {
    return [];
  }
}

/** Stores a dropped model and returns its name. Throws Error for files that are no model package, or without a cache. */
export async function keepDropped(files: readonly File[]): Promise<string> {
  const table = files.find((file) => file.name === 'model.json');
  if (table === undefined) {
    throw new Error(`no model.json among ${files.length} files; drop the folder "model" of a run`);
  }
  const json = JSON.parse(await table.text()) as unknown;
  const other = untrained(json);
  if (other !== null) throw new Error(`model.json: ${other}`);
  const model = parseModel(json, 'model.json');
  const wanted = Object.values(model.files).map(({ file }) => file);
  const missing = wanted.filter(
    (name) => name.endsWith('.onnx') && !files.some((file) => file.name === name),
  );
  if (missing.length > 0)
    throw new Error(`model.json lists files that were not dropped: ${missing.join(', ')}`);
  const cache = await openDropped().catch(() => null);
  if (cache === null || !hasServiceWorker()) {
    throw new Error(
      'models can be dropped only on https or localhost, and from the second load of the page on; reload, then drop it again',
    );
  }
  // The sign in front keeps a name such as `..` from being a path; lone halves of surrogate pairs have no place in a URL.
  const name = model.name.replace(/\p{Surrogate}/gu, '_');
  const folder = new URL(`~${encodeURIComponent(name)}/`, droppedFolder);
  for (const file of files) {
    if (file.name !== 'model.json' && !wanted.includes(file.name)) continue;
    const type = file.name.endsWith('.json') ? 'application/json' : 'application/octet-stream';
    await cache.put(new URL(file.name, folder), new Response(file, { headers: { 'content-type': type } }));
  }
  return `dropped/${name}`;
}

/** True if a service worker answers for the page; a sandboxed frame throws when asked. */
function hasServiceWorker(): boolean {
  try {
    return navigator.serviceWorker?.controller != null;
  } catch {
    return false;
  }
}

/** Removes a dropped model, by the URL of its model.json. */
export async function removeDropped(url: string): Promise<void> {
  const cache = await openDropped();
  const folder = new URL('.', url).href;
  for (const request of await cache.keys()) if (request.url.startsWith(folder)) await cache.delete(request);
}
