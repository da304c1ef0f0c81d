// Finding elements in a page as Playwright's locators do: by selector, role, label and text, in shadow trees too.

/** A text to be found: a part of it, in any case; all of it (`isExact`); or a regular expression. */
export interface Wanted {
  readonly text: string;
  readonly isExact?: boolean;
  /** The flags of the regular expression that `text` is; absent if it is none. */
  readonly flags?: string;
}

/** A step from elements to elements in them, or to one of them. */
export type Step =
  | { readonly nth: number }
  | {
      readonly selector: string;
      /** The text by which it is known, and the place that has it. */
      readonly by?: { readonly what: 'name' | 'label' | 'text' | 'content'; readonly wanted: Wanted };
    };

/** Selectors of the roles that suites ask for. */
const roles: Readonly<Record<string, string>> = {
  button: 'button, [role=button]',
  slider: 'input[type=range], [role=slider]',
  application: '[role=application]',
};

/** The text that a call of Playwright's gives. */
export const wantedText = (given: string | RegExp, isExact = false): Wanted =>
  typeof given === 'string' ? { text: given, isExact } : { text: given.source, flags: given.flags };

/** Steps for Playwright's `getBy…` methods. */
export const steps = {
  role: (role: string, name?: string | RegExp, isExact = false): Step => ({
    selector: roles[role] ?? `[role=${role}]`,
    ...(name !== undefined && { by: { what: 'name', wanted: wantedText(name, isExact) } }),
  }),
  label: (label: string | RegExp): Step => ({
    selector: 'input, select, textarea, [aria-label]',
    by: { what: 'label', wanted: wantedText(label) },
  }),
  text: (text: string | RegExp): Step => ({ selector: '*', by: { what: 'text', wanted: wantedText(text) } }),
} as const;

/** The elements at the end of some steps from the document. Runs in the page: it uses nothing from outside. */
export function findElements(path: readonly Step[]): Element[] {
  const plain = (text: string | null | undefined): string => (text ?? '').replace(/\s+/g, ' ').trim();
  const fits = (text: string, { text: wanted, isExact, flags }: Wanted): boolean => {
    if (flags !== undefined) return new RegExp(wanted, flags).test(text);
    return isExact ? text === wanted : text.toLowerCase().includes(wanted.toLowerCase());
  };
  const textOf = (element: Element, what: 'name' | 'label' | 'text' | 'content'): string => {
    const content = plain(element.textContent);
    if (what === 'text' || what === 'content') return content;
    const labels = [...((element as HTMLInputElement).labels ?? [])].map((label) => plain(label.textContent));
    return plain(element.getAttribute('aria-label')) || labels.join(' ') || (what === 'name' ? content : '');
  };
  const shadowOf = (root: ParentNode): ParentNode[] => {
    const { shadowRoot = null } = root as { readonly shadowRoot?: ShadowRoot | null };
    return shadowRoot === null ? [] : [shadowRoot];
  };
  const below = (root: ParentNode): Element[] => [
    ...shadowOf(root).flatMap(below),
    ...[...root.querySelectorAll('*')].flatMap((element) => [element, ...shadowOf(element).flatMap(below)]),
  ];
  let found: (Document | Element)[] = [document];
  for (const step of path) {
    if ('nth' in step) {
      found = found.slice(step.nth, step.nth + 1);
      continue;
    }
    const { selector, by } = step;
    const isWanted = (element: Element): boolean =>
      element.matches(selector) && (by === undefined || fits(textOf(element, by.what), by.wanted));
    const all = [...new Set(found.flatMap(below))].filter(isWanted);
    // The innermost elements that have a text.
    found = by?.what === 'text' ? all.filter((element) => !below(element).some(isWanted)) : all;
  }
  return found as Element[];
}
