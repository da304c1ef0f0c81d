// Fetches files with progress, checks length and sha256, and caches them for offline use. Every error names the URL. The most common
// fault is a host that answers every address with its front page, so that case has a message of its own.
import { ModelLoadError } from '../errors.ts';
import { cacheName, keep } from '../stored-files.ts';

/** A file to fetch, and the properties to check. */
export interface ExpectedFile {
  readonly url: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** A fetched file. */
export interface FetchedFile {
  readonly data: ArrayBuffer;
  /** Checks that were impossible, and failures to cache the file. */
  readonly warnings: readonly string[];
}

/** A cached copy; undefined without one, and where the browser has no cache (plain http, private windows) or refuses it. */
export async function cached(key: string): Promise<Response | undefined> {
  try {
    return await caches.match(key, { cacheName });
  } catch {
    return undefined;
  }
}

/**
 * Fetches JSON: the newest version; the cached one without a network, or where the answer breaks off. Throws ModelLoadError.
 */
export async function fetchJson(url: string): Promise<unknown> {
  try {
    const response = await request(url, 'no-cache');
    const text = await response.text().catch((error: unknown) => {
      throw new OfflineError(`${url}: broke off (${String(error)})`);
    });
    if (looksLikeHtml(response, text.slice(0, 200))) throw htmlError(url);
    const json = parsed(url, text);
    await keep(url, text, 'application/json');
    return json;
  } catch (error) {
    const held = error instanceof OfflineError ? await cached(url) : undefined;
    if (held === undefined) throw error;
    return parsed(url, await held.text());
  }
}

function parsed(url: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new OfflineError(`${url}: is not JSON; expected a model.json`);
  }
}

/** Fetches a file, or reads it from the cache. `onBytes` receives the size of each chunk. Throws ModelLoadError. */
export async function fetchFile(
  { url, bytes, sha256 }: ExpectedFile,
  onBytes: (bytes: number) => void,
): Promise<FetchedFile> {
  // The hash is part of the key, so that a new version at the same address is another file.
  const key = `${url}?sha256=${sha256}`;
  const held = await cached(key);
  if (held !== undefined) {
    const data = await held.arrayBuffer();
    if (data.byteLength === bytes && (await matches(data, sha256)) !== false) {
      onBytes(bytes);
      return { data, warnings: [] };
    }
  }
  const response = await request(url, 'default');
  const data = await readAll(response, url, bytes, onBytes);
  const isRight = await matches(data, sha256);
  if (isRight === false) {
    throw new ModelLoadError(
      `${url}: is not the file that was published (its sha256 differs); copy the whole package again`,
    );
  }
  const warnings: string[] = [];
  if (isRight === null) {
    const why = isSecureContext ? 'the browser refuses' : 'this page is not on https or localhost';
    warnings.push(`sha256 of ${url} was not checked: ${why}`);
  }
  const whyNotKept = await keep(key, data, 'application/octet-stream');
  if (whyNotKept !== null) warnings.push(`${url} is not kept for the next visit: ${whyNotKept}`);
  return { data, warnings };
}

/** The server did not answer, or only in part. */
class OfflineError extends ModelLoadError {}

async function request(url: string, cache: RequestCache): Promise<Response> {
  let response: Response;
  try {
    // Such a package was made on this device, and is in the cache only.
    if (url.endsWith('#kept')) throw 'removed';
    response = await fetch(url, { cache });
  } catch (error) {
    throw new OfflineError(`${url}: cannot be fetched (${String(error)})`);
  }
  if (!response.ok)
    throw new ModelLoadError(`${url}: the server answers ${response.status}; expected the file`);
  return response;
}

async function readAll(
  response: Response,
  url: string,
  bytes: number,
  onBytes: (bytes: number) => void,
): Promise<ArrayBuffer> {
  const whole = new Uint8Array(bytes);
  const reader = response.body!.getReader();
  let at = 0;
  for (;;) {
    const { done, value } = await reader.read().catch((error: unknown) => {
      throw new OfflineError(`${url}: broke off after ${at} of ${bytes} bytes (${String(error)})`);
    });
    if (done) break;
    if (at === 0 && looksLikeHtml(response, new TextDecoder().decode(value.subarray(0, 200))))
      throw htmlError(url);
    if (at + value.length > bytes) throw sizeError(url, `more than ${bytes}`, bytes);
    whole.set(value, at);
    at += value.length;
    onBytes(value.length);
  }
  if (at !== bytes) throw sizeError(url, String(at), bytes);
  return whole.buffer;
}

function sizeError(url: string, got: string, bytes: number): ModelLoadError {
  return new ModelLoadError(`${url}: got ${got} bytes, expected ${bytes}; copy the whole package again`);
}

function looksLikeHtml(response: Response, start: string): boolean {
  const type = response.headers.get('content-type') ?? '';
  return /^\s*<(!doctype|html)/i.test(start) || (type.startsWith('text/html') && /^\s*</.test(start));
}

function htmlError(url: string): ModelLoadError {
  return new ModelLoadError(`${url}: is answered with a web page, not the file; is it at this address?`);
}

/** True if the data has the expected hash; null where the browser cannot compute hashes, or refuses to. */
async function matches(data: ArrayBuffer, sha256: string): Promise<boolean | null> {
  const digest = await (crypto.subtle as SubtleCrypto | undefined)
    ?.digest('SHA-256', data)
    .catch(() => undefined);
  if (digest === undefined) return null;
  const hash = new Uint8Array(digest);
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('') === sha256;
}
