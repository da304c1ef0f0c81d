// Caches the site for offline use, serves dropped models, and adds the headers that isolate the page, which WebAssembly threads need and
// some hosts cannot send. The build fills in the list of files and a version derived from their content.
declare const SITE_FILES: readonly string[];
declare const SITE_VERSION: string;

const worker = self as unknown as ServiceWorkerGlobalScope;
const siteCache = `dcgan-site-${SITE_VERSION}`;
const droppedCache = 'dcgan-dropped';

worker.addEventListener('install', (event) => {
  event.waitUntil(
    (async () => {
      const cache = await caches.open(siteCache);
      await cache.addAll(SITE_FILES.map((file) => new Request(file, { cache: 'reload' })));
      await worker.skipWaiting();
    })(),
  );
});

worker.addEventListener('activate', (event) => {
  event.waitUntil(
    (async () => {
      for (const name of await caches.keys()) {
        if (name.startsWith('dcgan-site-') && name !== siteCache) await caches.delete(name);
      }
      await worker.clients.claim();
    })(),
  );
});

worker.addEventListener('fetch', (event) => {
  const { request } = event;
  if (request.method !== 'GET' || new URL(request.url).origin !== worker.location.origin) return;
  event.respondWith(answer(request));
});

async function answer(request: Request): Promise<Response> {
  // Only addresses below this one are of dropped models: no name of theirs stands for a file of the site.
  const isDropped = request.url.startsWith(new URL('models/dropped/', worker.registration.scope).href);
  const name = isDropped ? droppedCache : siteCache;
  const held = await cached(name, request);
  if (held !== undefined) return isolated(held);
  const response = await fetch(request);
  // ONNX Runtime's scripts and pictures are cached on first use; the runtime itself caches WebAssembly and models.
  if (!isDropped && response.ok && /\.(m?js|json|png|webp)$/.test(new URL(request.url).pathname))
    await keep(request, response.clone());
  return isolated(response);
}

/** A cached response; undefined if there is none, or the browser refuses its cache. */
async function cached(name: string, request: Request): Promise<Response | undefined> {
  try {
    return await (await caches.open(name)).match(request, { ignoreSearch: true });
  } catch {
    return undefined;
  }
}

/** Caches a response. Where that fails, such as on a full disk, the page has its answer all the same. */
async function keep(request: Request, response: Response): Promise<void> {
  try {
    await (await caches.open(siteCache)).put(request, response);
  } catch {
    // The next visit fetches it again.
  }
}

/** The response with the headers that isolate a page from other origins. */
function isolated(response: Response): Response {
  if (response.status === 0) return response;
  const headers = new Headers(response.headers);
  headers.set('cross-origin-opener-policy', 'same-origin');
  headers.set('cross-origin-embedder-policy', 'require-corp');
  headers.set('cross-origin-resource-policy', 'same-origin');
  return new Response(response.body, { status: response.status, statusText: response.statusText, headers });
}
