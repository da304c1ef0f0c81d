// The files that a page stores for offline use: written and bounded by the worker, cleared by the page.

/** The name of the cache. */
export const cacheName = 'dcgan-files';
/** Limits of the cache; the oldest files go first. */
const maxBytes = 500_000_000;
const maxFiles = 200;

/** Caches a copy. Returns null, or the reason if that failed; the load goes on without a copy. */
export async function keep(key: string, body: string | ArrayBuffer, type: string): Promise<string | null> {
  if (!('caches' in globalThis)) return 'this page has no Cache Storage';
  try {
    const cache = await caches.open(cacheName);
    const bytes = typeof body === 'string' ? body.length : body.byteLength;
    const headers = { 'content-type': type, 'content-length': `${bytes}` };
    await cache.put(key, new Response(body, { headers }));
    await bound(cache, key);
    return null;
  } catch (error) {
    return error instanceof Error && error.name === 'QuotaExceededError'
      ? 'the storage is full'
      : String(error);
  }
}

/** Removes other versions of the newest file, and the oldest files beyond the limits. */
async function bound(cache: Cache, newest: string): Promise<void> {
  const addressOf = (key: string): string => key.split('?sha256=')[0]!;
  const isVersioned = addressOf(newest) !== newest;
  let total = 0;
  // The cache lists its entries in the order in which they were written.
  for (const [i, request] of [...(await cache.keys())].reverse().entries()) {
    const { url } = request;
    total += Number((await cache.match(request))?.headers.get('content-length') ?? 0);
    const isOlder =
      isVersioned && url !== newest && url.includes('?sha256=') && addressOf(url) === addressOf(newest);
    if (isOlder || i >= maxFiles || (i > 0 && total > maxBytes)) await cache.delete(request);
  }
}

/** Removes everything; false if there was nothing, or the browser has no cache. */
export async function clear(): Promise<boolean> {
  try {
    return await caches.delete(cacheName);
  } catch {
    return false;
  }
}
