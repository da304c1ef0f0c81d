// The names of this machine in requests to a server on the loopback interface. A foreign name that leads there comes from another
// site's page (DNS rebinding), so servers refuse it.

/** True if the `Host` header names this machine: by its loopback address or name, or by one of `more`. */
export function isForThisMachine(host: string | undefined, more: readonly string[] = []): boolean {
  const name = (host ?? '').toLowerCase().replace(/:\d+$/, '');
  return ['127.0.0.1', 'localhost', '[::1]', ...more].includes(name);
}
