// Waiting while the page is hidden.

/** Watches the page until `end()`; `shown()` resolves while it is not hidden, and `onHidden` sets what is called when it is hidden. */
export function waitWhileHidden() {
  let pause = (): void => undefined;
  const page = globalThis.document as Document | undefined;
  const listeners: (() => void)[] = [];
  const onChange = (): void => {
    if (page?.hidden === true) pause();
    else for (const listener of listeners.splice(0)) listener();
  };
  page?.addEventListener('visibilitychange', onChange);
  return {
    shown: (): Promise<void> =>
      page?.hidden === true ? new Promise((resolve) => listeners.push(resolve)) : Promise.resolve(),
    onHidden(call: () => void): void {
      pause = call;
    },
    end: (): void => page?.removeEventListener('visibilitychange', onChange),
  };
}
