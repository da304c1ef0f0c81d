// The live report: a server on the loopback interface that shows a run's report page while it trains. It answers only requests that
// name this machine, and serves only the page, its events and the run's pictures. It does nothing until a page is open.
import { readFile, stat } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { TrainConfig } from '../config/fields.ts';
import { UserError } from '../errors.ts';
import { embedFindings } from '../findings/findings.ts';
import { isForThisMachine } from './loopback.ts';
import { reportContent, type ReportContent } from './report-content.ts';
import { gatherReport, listGrids, renderReport } from './report.ts';
import type { RunFolder } from './run-folder.ts';
import type { StatsLine } from './stats.ts';

/** Open pages get new content this often at most. */
const pushEveryMs = 2000;
/** Pages may still fetch the last pictures for this long after the run, and until they have asked for nothing for so long. */
const lastFetchesMs = 3000;
const quietMs = 300;

/** The run that is shown. */
export interface LiveRun {
  readonly folder: RunFolder;
  readonly config: TrainConfig;
  /** The statistics so far. */
  readonly lines: readonly StatsLine[];
}

/** A running server. */
export interface LiveReport {
  /** `http://127.0.0.1:8080/` */
  readonly url: string;
  /** Shows the run as it is now; call it whenever something has changed. */
  show(run: LiveRun): void;
  /** Sends the last content and closes the server. */
  close(): Promise<void>;
}

const policy =
  "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const waitingPage =
  '<!doctype html><html lang="en"><title>Training report</title><meta name="color-scheme" content="light dark">' +
  '<meta http-equiv="refresh" content="1"><p>The run has not begun yet: its images are being read.</p></html>';

/** Starts the server on a port; 0 takes a free one. Throws UserError if the port cannot be had. */
export async function startLiveReport(port: number): Promise<LiveReport> {
  let run: LiveRun | null = null;
  const pages = new Set<ServerResponse>();
  let askedAt = 0;

  const push = async (): Promise<void> => {
    if (run === null || pages.size === 0) return;
    const content = await liveContent(run, { hasFindings: false });
    for (const page of pages) page.write(`data: ${JSON.stringify(content)}\n\n`);
  };
  let isPushing = false;
  let isStale = false;
  const pushSoon = async (): Promise<void> => {
    isStale = true;
    if (isPushing) return;
    isPushing = true;
    while (isStale && pages.size > 0) {
      isStale = false;
      await push().catch(() => undefined);
      await wait(pushEveryMs, undefined, { ref: false });
    }
    isPushing = false;
  };

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const send = (status: number, type: string, body: string | Uint8Array, headers = {}): void => {
      response.writeHead(status, {
        'content-type': type,
        'content-length': Buffer.byteLength(body),
        ...headers,
      });
      response.end(request.method === 'HEAD' ? undefined : body);
    };
    const refuse = (status: number, reason: string): void => send(status, 'text/plain', `${reason}\n`);
    response.setHeader('x-content-type-options', 'nosniff');
    response.setHeader('cross-origin-resource-policy', 'same-origin');
    response.setHeader('referrer-policy', 'no-referrer');
    if (!isForThisMachine(request.headers.host))
      return refuse(403, 'open this page as 127.0.0.1 or localhost');
    if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(405, 'only GET is answered');
    const path = (request.url ?? '/').replace(/\?.*$/s, '');
    if (path === '/') {
      const headers = { 'cache-control': 'no-store', 'content-security-policy': policy };
      const html = run === null ? waitingPage : renderReport(await liveContent(run), { events: 'events' });
      return send(200, 'text/html; charset=utf-8', html, headers);
    }
    if (path === '/events' && request.method === 'GET') {
      response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
      pages.add(response);
      response.on('close', () => pages.delete(response));
      return pushSoon();
    }
    const file = run === null ? null : pictureAt(run.folder, path);
    const bytes = file && (await readFile(file).catch(() => null));
    if (bytes === null) return refuse(404, 'not here');
    // The address names the version, so a picture stays in a page's cache when the run has ended.
    send(200, 'image/png', bytes, { 'cache-control': 'max-age=31536000, immutable' });
  };

  const server = createServer((request, response) => {
    askedAt = performance.now();
    answer(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, '127.0.0.1', resolve);
  }).catch((error: NodeJS.ErrnoException) => {
    const reason =
      error.code === 'EADDRINUSE'
        ? 'the port is in use'
        : error.code === 'EACCES'
          ? 'the port may not be used'
          : error.message;
    throw new UserError(`--watch ${port}: ${reason}; give another number, or none for a free port`);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    show(next) {
      run = next;
      void pushSoon();
    },
    async close() {
      await push().catch(() => undefined);
      // Open pages fetch the last pictures, and need none afterwards.
      const endsAt = performance.now() + lastFetchesMs;
      const isFetching = (): boolean => performance.now() < Math.min(endsAt, askedAt + quietMs);
      askedAt = performance.now();
      while (pages.size > 0 && isFetching()) await wait(quietMs / 4);
      await Promise.all([...pages].map((page) => new Promise((done) => page.on('close', done).end(done))));
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

/** The file of a picture's path; null for every other path. */
function pictureAt({ samples, reals }: RunFolder, path: string): string | null {
  if (path === '/reals.png') return reals;
  const name = /^\/samples\/(step-\d{6,}\.png)$/.exec(path)?.[1];
  return name === undefined ? null : join(samples, name);
}

/** The report's content with addresses of pictures instead of the pictures; findings, which training does not change, on request. */
async function liveContent(
  { folder, config, lines }: LiveRun,
  { hasFindings = true } = {},
): Promise<ReportContent> {
  const addressOf = async (file: string, path: string): Promise<string | null> => {
    const facts = await stat(file).catch(() => null);
    return facts && `${path}?${Math.round(facts.mtimeMs)}`;
  };
  const grids = [];
  for (const { name, step } of await listGrids(folder.samples)) {
    const source = await addressOf(join(folder.samples, name), `samples/${name}`);
    if (source !== null) grids.push({ step, source });
  }
  return reportContent({
    ...(await gatherReport(folder, config, lines)),
    grids,
    reals: await addressOf(folder.reals, 'reals.png'),
    findings: hasFindings ? await embedFindings(folder.analysis, lines.at(-1)?.step ?? null) : null,
  });
}
