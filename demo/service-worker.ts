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
  const dropped = await (await caches.open(droppedCache)).match(request, { ignoreSearch: true });
  if (dropped !== undefined) return isolated(dropped);
  const cache = await caches.open(siteCache);
  const held = await cache.match(request, { ignoreSearch: true });
  if (held !== undefined) return isolated(held);
  const response = await fetch(request);
  // ONNX Runtime's scripts and pictures are cached on first use; the runtime itself caches WebAssembly and models.
  if (response.ok && /\.(m?js|json|png|webp)$/.test(new URL(request.url).pathname))
    await cache.put(request, response.clone());
  return isolated(response);
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
