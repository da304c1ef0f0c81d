// Objects that stand for Playwright's and have only the members that the suites of all browsers use.

/** `members` as the whole of `T`; another member throws an Error with its name. */
export function partOf<T extends object>(kind: string, members: object): T {
  return new Proxy(members, {
    get(target, name, receiver): unknown {
      // A promise that resolves to it asks for `then`.
      if (name in target || typeof name === 'symbol' || name === 'then')
        return Reflect.get(target, name, receiver);
      throw new Error(`the WebKit of the tests has no ${kind}.${name}`);
    },
  }) as T;
}
