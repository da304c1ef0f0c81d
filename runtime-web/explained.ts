// Explains why a page could not load a generator, where the cause is the page: its Content-Security-Policy, or its being opened from a
// file; or a package of another kind. A chunk of its own, fetched after a failure. A policy's event names the directive, so the action is
// tried again to receive it.
import { untrained } from './format/untrained.ts';

/** The directive of the page's policy that refuses an action; null if it refuses nothing within 0.2 s. */
function refusingDirective(act: () => Promise<unknown>): Promise<string | null> {
  return new Promise((resolve) => {
    const end = (directive: string | null): void => {
      removeEventListener('securitypolicyviolation', onRefusal);
      resolve(directive);
    };
    const onRefusal = (event: Event): void => end((event as SecurityPolicyViolationEvent).effectiveDirective);
    addEventListener('securitypolicyviolation', onRefusal);
    setTimeout(() => end(null), 200);
    act().catch(() => undefined);
  });
}

/** The explanation of an error, or null; arguments as for {@link explained}. */
async function explanation(
  { name, message }: Error,
  start: () => Promise<unknown>,
  isBundled: boolean,
): Promise<string | null> {
  if (name === 'ModelFormatError') {
    const file = message.split(': ', 1)[0]!;
    const read = async (): Promise<string | null> => untrained(await (await fetch(file)).json());
    const other = await read().catch(() => null);
    return other === null ? null : `${file}: ${other}`;
  }
  // Chromium, Firefox, Safari.
  if (name === 'DeviceUnavailableError' && /Content Security|CSP|unsafe-eval/.test(message)) {
    return "the Content-Security-Policy that the server sends with the worker's script refuses WebAssembly; add 'wasm-unsafe-eval' to its script-src";
  }
  const [, address, why] = /^(\S+): cannot be (started|fetched)/.exec(message) ?? [];
  if (address === undefined) return null;
  const isStart = why === 'started';
  if (isStart && location.protocol === 'file:') {
    return 'this page is opened from a file, and browsers start no workers there: it needs a web server. Run npx serve in its folder, and open the address that it prints';
  }
  const directive = await refusingDirective(isStart ? start : () => fetch(address, { method: 'HEAD' }));
  if (directive === null) {
    return isStart && isBundled
      ? `${message}; if a bundler does not copy the package's files, or changes them, serve its dist and name that folder with assets`
      : null;
  }
  const { origin } = new URL(address);
  const source =
    directive === 'trusted-types' ? 'dcgan-viewer' : origin === location.origin ? "'self'" : origin;
  return `${address}: the page's Content-Security-Policy refuses it; add ${source} to ${directive}`;
}

/**
 * The error to throw instead of `error`, of the same class; `start` starts the worker again. `isBundled`: the package's files are where
 * the page's bundler has put them.
 */
export async function explained(
  error: Error,
  start: () => Promise<unknown>,
  isBundled: boolean,
): Promise<Error> {
  const message = await explanation(error, start, isBundled);
  if (message === null) return error;
  // eslint-disable-next-line no-console -- who opens a page from a file may have no other place to look
  if (location.protocol === 'file:') console.error(message);
  return new (error.constructor as ErrorConstructor)(message);
}
