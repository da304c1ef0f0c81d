// A static server on the loopback interface, for the demo and for tests: folders by URL prefix, optionally with the headers that
// isolate a page from other origins. Answers only requests that name this machine.
import { createReadStream, readFileSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize, sep } from 'node:path';
import { pipeline } from 'node:stream';
import { isForThisMachine } from '../trainer/run/loopback.ts';

/** Options of {@link serveFolders}. */
export interface StaticServerOptions {
  /** Folders by URL prefix: `{ '/': 'site', '/model/': 'runs/00001/model' }`; the longest matching prefix counts. */
  readonly folders: Readonly<Record<string, string>>;
  /** Sends COOP and COEP, which WebAssembly threads need. Default false. */
  readonly isIsolated?: boolean;
  /** Headers of every response. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Markup that is put before everything else in the head of every page. Default none. */
  readonly head?: string;
  /** Further names of this machine that requests may use. */
  readonly hosts?: readonly string[];
  /** Default 0: any free port. */
  readonly port?: number;
}

/** A running server. */
export interface StaticServer {
  /** `http://127.0.0.1:8080` */
  readonly origin: string;
  /** Requested paths in order, except those answered with 304 (not modified). */
  readonly requests: readonly string[];
  close(): Promise<void>;
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
  '.map': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.ico': 'image/x-icon',
  '.wasm': 'application/wasm',
  '.onnx': 'application/octet-stream',
  '.webmanifest': 'application/manifest+json',
};

/** The file for a URL path, or null. */
function fileFor(folders: StaticServerOptions['folders'], path: string): string | null {
  const prefix = Object.keys(folders)
    .filter((candidate) => path.startsWith(candidate))
    .sort((a, b) => b.length - a.length)[0];
  if (prefix === undefined) return null;
  const root = normalize(folders[prefix]!);
  const file = normalize(join(root, path.slice(prefix.length)));
  if (file !== root && !file.startsWith(root.endsWith(sep) ? root : root + sep)) return null;
  try {
    const stats = statSync(file);
    if (stats.isFile()) return file;
    const index = join(file, 'index.html');
    return stats.isDirectory() && statSync(index).isFile() ? index : null;
  } catch {
    return null;
  }
}

/** A page with markup before everything else in its head. */
const withHead = (page: string, head: string): string =>
  page.replace(/^<!doctype html>(\s*<html[^>]*>)?(\s*<head>)?/i, `$&${head}`);

/** Starts the server. Rejects if the port is taken. */
export async function serveFolders(options: StaticServerOptions): Promise<StaticServer> {
  const { folders, isIsolated = false, headers = {}, head = '', hosts = [], port = 0 } = options;
  const requests: string[] = [];
  const server: Server = createServer((request, response) => {
    if (!isForThisMachine(request.headers.host, hosts)) {
      response
        .writeHead(403, { 'content-type': 'text/plain' })
        .end('open this server as 127.0.0.1 or localhost\n');
      return;
    }
    let path: string;
    try {
      path = decodeURIComponent(new URL(request.url ?? '/', 'http://127.0.0.1').pathname);
    } catch {
      response.writeHead(400).end();
      return;
    }
    const common = {
      // Files with a hash in their name never change.
      'x-content-type-options': 'nosniff',
      'cache-control': /-[A-Z0-9]{8}\.js$/.test(path) ? 'max-age=31536000, immutable' : 'no-cache',
      ...(isIsolated && {
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-embedder-policy': 'require-corp',
        'cross-origin-resource-policy': 'same-origin',
      }),
      ...headers,
    };
    const file = fileFor(folders, path);
    const stats = file === null ? null : statSync(file);
    const tag = stats === null ? '' : `"${stats.size}-${stats.mtimeMs}"`;
    if (stats !== null && request.headers['if-none-match'] === tag) {
      response.writeHead(304, { ...common, etag: tag }).end();
      return;
    }
    requests.push(path);
    if (file === null || (request.method !== 'GET' && request.method !== 'HEAD')) {
      response
        .writeHead(file === null ? 404 : 405, { ...common, 'content-type': 'text/plain' })
        .end('not here\n');
      return;
    }
    const type = types[extname(file)] ?? 'application/octet-stream';
    const page = head !== '' && extname(file) === '.html' ? withHead(readFileSync(file, 'utf8'), head) : null;
    response.writeHead(200, {
      ...common,
      'content-type': type,
      'content-length': page === null ? stats!.size : Buffer.byteLength(page),
      etag: tag,
    });
    if (request.method === 'HEAD') response.end();
    else if (page !== null) response.end(page);
    // Closes the file too when the download is aborted, and the response when the file cannot be read.
    else pipeline(createReadStream(file), response, () => undefined);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, '127.0.0.1', resolve);
  });
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
