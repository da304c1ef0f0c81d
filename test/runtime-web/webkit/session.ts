// A session of WebKitGTK's driver (https://www.w3.org/TR/webdriver2/): one browser with one window.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';

/** Longest wait for an action of the page or the driver. */
export const waitMs = 30_000;

/** Debian's path of the browser that the driver starts; elsewhere the driver knows it. */
const miniBrowser = `/usr/lib/${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu/webkit2gtk-4.1/MiniBrowser`;

/** Commands to a running browser. */
export interface Session {
  readonly version: string;
  post(path: string, body?: object): Promise<unknown>;
  get(path: string): Promise<unknown>;
  close(): Promise<void>;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

/** Starts the driver at this path, and a browser on an X display. */
export async function openSession(driver: string, display: string): Promise<Session> {
  const port = await freePort();
  const child = spawn(driver, [`--port=${port}`], {
    // Isolated pages have SharedArrayBuffer, as in Safari; WebKitGTK has to be asked for it.
    env: { ...process.env, DISPLAY: display, JSC_useSharedArrayBuffer: '1' },
    stdio: 'ignore',
  });
  const call = async (
    method: 'GET' | 'POST' | 'DELETE',
    path: string,
    body: object = {},
  ): Promise<unknown> => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      method,
      ...(method === 'POST' && { body: JSON.stringify(body) }),
    });
    const { value } = (await response.json()) as { value: unknown };
    if (response.ok) return value;
    const { error, message } = value as { error: string; message: string };
    throw new Error(`${path}: ${error}: ${message}`);
  };
  const deadline = Date.now() + waitMs;
  while (!(await call('GET', '/status').then(Boolean, () => false))) {
    if (child.exitCode !== null || Date.now() > deadline) throw new Error(`${driver} does not answer`);
    await sleep(50);
  }
  const options = { args: ['--automation'], ...(existsSync(miniBrowser) && { binary: miniBrowser }) };
  const { sessionId, capabilities } = (await call('POST', '/session', {
    capabilities: { alwaysMatch: { 'webkitgtk:browserOptions': options } },
  })) as { sessionId: string; capabilities: { browserVersion: string } };
  const session = `/session/${sessionId}`;
  await call('POST', `${session}/timeouts`, { script: 10 * waitMs });
  return {
    version: capabilities.browserVersion,
    post: (path, body) => call('POST', `${session}/${path}`, body),
    get: (path) => call('GET', `${session}/${path}`),
    async close() {
      await call('DELETE', session).catch(() => undefined);
      child.kill();
    },
  };
}
