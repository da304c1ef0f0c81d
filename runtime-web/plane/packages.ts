// The packages that a visitor may choose from: `index.json` beside their folders, as the build writes it.

/** A package. */
export interface PlaneChoice {
  /** The name of its folder. */
  readonly name: string;
  readonly title: string;
  /** The address of its `model.json`. */
  readonly url: string;
}

/** Reads the list. Throws Error for an address without one. */
export async function readChoices(src: string, base: string): Promise<readonly PlaneChoice[]> {
  const address = new URL(src, base);
  const response = await fetch(address);
  if (!response.ok) throw new Error(`${address.href}: the server answers ${response.status}`);
  const listed = (await response.json().catch(() => null)) as unknown;
  const isListed = (value: unknown): value is { readonly name: string; readonly title: string } =>
    typeof value === 'object' &&
    value !== null &&
    'name' in value &&
    'title' in value &&
    typeof value.title === 'string' &&
    typeof value.name === 'string' &&
    /^[a-z0-9-]+$/.test(value.name);
  if (!Array.isArray(listed) || listed.length === 0 || !listed.every(isListed))
    throw new Error(`${address.href}: got something else than a list of packages, each a name and a title`);
  return listed.map(({ name, title }) => ({ name, title, url: new URL(`${name}/model.json`, address).href }));
}
