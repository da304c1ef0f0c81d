// Reports of a page, for browsers whose driver does not: console messages, uncaught errors and breaches of the page's policy.
// It lies in the session's storage, so that it outlives a reload.

/** A script that notes what is reported after it; the first of a page. */
export const noteMessages = `
const note = (type, text) => {
  const noted = JSON.parse(sessionStorage.getItem('reported') ?? '[]');
  sessionStorage.setItem('reported', JSON.stringify([...noted, { type, text }]));
};
for (const type of ['debug', 'log', 'info', 'warn', 'error']) {
  const print = console[type];
  console[type] = (...given) => {
    note(type, given.map(String).join(' '));
    print.apply(console, given);
  };
}
addEventListener('unhandledrejection', ({ reason }) => note('pageerror', String(reason)));
addEventListener('error', ({ message, target }) => {
  note('pageerror', message ?? 'not loaded: ' + (target.src ?? target.href));
}, true);
document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) =>
  note('pageerror', violatedDirective + ' refuses ' + blockedURI));
`;

/** The messages noted since the last call. Runs in the page. */
export function reportedMessages(): { type: string; text: string }[] {
  try {
    const noted = sessionStorage.getItem('reported') ?? '[]';
    sessionStorage.removeItem('reported');
    return JSON.parse(noted) as { type: string; text: string }[];
  } catch {
    return []; // a page without storage, such as about:blank
  }
}
