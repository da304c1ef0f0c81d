// WebKitGTK as a browser of Playwright's interface, driven by its WebDriver: Playwright itself drives only builds of WebKit of
// its own.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import process from 'node:process';
import type { Browser, BrowserContext } from 'playwright-core';
import { pageOf } from './page.ts';
import { partOf } from './part-of.ts';
import { openSession, type Session } from './session.ts';

/** The display that the browser opens its windows on: the present one, or one without a screen, which ends with `end`. */
async function openDisplay(): Promise<{ readonly display: string; end(): void }> {
  const present = process.env['DISPLAY'];
  if (present !== undefined && present !== '') return { display: present, end: () => undefined };
  const server = spawn('Xvfb', ['-displayfd', '3', '-nolisten', 'tcp', '-screen', '0', '1280x1024x24'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  });
  const [number] = (await once(server.stdio[3]!, 'data')) as [Buffer];
  return { display: `:${number.toString().trim()}`, end: () => void server.kill() };
}

/** A browser whose contexts have one page each; the driver's path is given. */
export async function launchWebKit(driver: string): Promise<Browser> {
  const { display, end } = await openDisplay();
  const sessions = new Set<Session>();
  const closeSession = async (session: Session): Promise<void> => {
    if (sessions.delete(session)) await session.close();
  };
  return partOf<Browser>('browser', {
    async newContext() {
      const session = await openSession(driver, display);
      sessions.add(session);
      const context: BrowserContext = partOf('context', {
        newPage: () => Promise.resolve(pageOf(session, context)),
        // Requests are not reported.
        on: () => undefined,
        close: () => closeSession(session),
      });
      return context;
    },
    async close() {
      await Promise.all([...sessions].map(closeSession));
      end();
    },
  });
}
