// Nodes of a shadow DOM. There is no inline style and no HTML text, because strict policies (CSP, Trusted Types) refuse both; only
// browsers without constructable style sheets get a style element.

const sheets = new Map<string, CSSStyleSheet>();

/** An element with attributes and children. */
export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Readonly<Record<string, string>>,
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const name in attributes) element.setAttribute(name, attributes[name]!);
  element.append(...children);
  return element;
}

/** Adds a style sheet to a shadow root: one for all elements, or an element of its own in browsers before 2023. */
export function addStyle(root: ShadowRoot, css: string): void {
  try {
    const sheet = sheets.get(css) ?? new CSSStyleSheet();
    sheet.replaceSync(css);
    sheets.set(css, sheet);
    root.adoptedStyleSheets.push(sheet);
  } catch {
    root.append(make('style', {}, css));
  }
}
