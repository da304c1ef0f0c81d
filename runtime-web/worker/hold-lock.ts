// A lock by which the page notices that its worker was killed.
import { post } from './post.ts';

/**
 * Holds a lock for as long as the worker lives. The page waits for the same lock, and gets it when the worker ends. Locks may be missing,
 * refused, or never granted: then the page is told of none, and does not notice that the worker was killed.
 */
export function holdLock(): void {
  const lock = `dcgan-worker-${Math.random()}`;
  void (async () => {
    await navigator.locks.request(lock, () => {
      post({ kind: 'locked', lock });
      return new Promise(() => undefined);
    });
  })().catch(() => undefined);
}
