// Loads later.ts, once the page has given its address.

let address = '';

/** Sets the address of the file. */
export function setLaterAddress(url: string): void {
  address = url;
}

/** The parts of the worker that are loaded on first use: the module of later.ts, of which a caller names the type of its part. */
export const later = <T>(): Promise<T> => import(address) as Promise<T>;
