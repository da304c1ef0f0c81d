// Makes `await using` work with resources that have dispose(), close() or release().

/** A resource with one of three closing methods. */
type Closable =
  | { dispose(): void | Promise<void> }
  | { close(): void | Promise<void> }
  | { release(): void | Promise<void> };

/** The same resource, closed at the end of the block: `await using session = held(await openSession(file))`. */
export function held<T extends Closable>(resource: T): T & AsyncDisposable {
  const close = async (): Promise<void> => {
    if ('dispose' in resource) await resource.dispose();
    else if ('close' in resource) await resource.close();
    else await resource.release();
  };
  return Object.defineProperty(resource, Symbol.asyncDispose, {
    value: close,
    configurable: true,
  }) as T & AsyncDisposable;
}
