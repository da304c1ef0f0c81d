// A page of WebKitGTK with the part of Playwright's page and locator that suites use.
import { setTimeout as sleep } from 'node:timers/promises';
import { Script } from 'node:vm';
import type { BrowserContext, Locator, Page } from 'playwright-core';
import { findElements, steps, wantedText, type Step } from './find.ts';
import { reportedMessages } from './page-messages.ts';
import { partOf } from './part-of.ts';
import { waitMs, type Session } from './session.ts';

/** WebDriver's name for a reference to an element. */
const elementKey = 'element-6066-11e4-a52e-4f735466cecf';
type Reference = Readonly<Record<typeof elementKey, string>>;

/** WebDriver's codes of keys that type no character, and of the space bar. */
const keyCodes: Readonly<Record<string, string>> = {
  Space: ' ',
  Tab: '\uE004',
  Enter: '\uE007',
  ControlOrMeta: '\uE009',
  Escape: '\uE00C',
  End: '\uE010',
  Home: '\uE011',
  ArrowLeft: '\uE012',
  ArrowUp: '\uE013',
  ArrowRight: '\uE014',
  ArrowDown: '\uE015',
};

/** The result of a function in the page, its address, and the messages since the last one. */
interface Outcome {
  readonly value?: unknown;
  readonly error?: string;
  readonly url: string;
  readonly messages: ReturnType<typeof reportedMessages>;
}

type Listener = (event: unknown) => void;
type Evaluate = (work: unknown, ...given: readonly unknown[]) => Promise<unknown>;

/** A function's body that gives an expression's value, or runs a script. */
function bodyOf(source: string): string {
  try {
    new Script(`(${source}\n)`);
    return `return (${source}\n);`;
  } catch {
    return source;
  }
}

/** Repeats until the result is true. */
async function until(isTrue: () => Promise<unknown>, what: string, everyMs = 50): Promise<void> {
  for (const deadline = Date.now() + waitMs; !(await isTrue()); await sleep(everyMs)) {
    if (Date.now() > deadline) throw new Error(`not within ${waitMs / 1000} s: ${what}`);
  }
}

/** A locator finds its elements anew with each call. */
function locatorOf(session: Session, evaluate: Evaluate, path: readonly Step[]): Locator {
  const further = (...more: readonly Step[]): Locator => locatorOf(session, evaluate, [...path, ...more]);
  const all = (): Promise<Reference[]> => evaluate(findElements, path) as Promise<Reference[]>;
  const one = async (): Promise<Reference> => {
    let found: Reference | undefined;
    await until(async () => ([found] = await all()).length > 0, JSON.stringify(path));
    return found!;
  };
  const inPage = async <T extends Element>(work: (element: T) => unknown): Promise<unknown> =>
    evaluate(work, await one());
  /** Changes a field as a person does. */
  const change = async (value: string): Promise<unknown> =>
    evaluate(
      (field: HTMLInputElement | HTMLSelectElement, wanted: string) => {
        const options = field instanceof HTMLSelectElement ? [...field.options] : [];
        field.focus();
        field.value = options.find(({ label }) => label === wanted)?.value ?? wanted;
        for (const type of ['input', 'change']) field.dispatchEvent(new Event(type, { bubbles: true }));
      },
      await one(),
      value,
    );
  return partOf<Locator>('locator', {
    locator: (selector: string, { hasText }: { hasText?: string | RegExp } = {}) =>
      further({
        selector,
        ...(hasText !== undefined && { by: { what: 'content', wanted: wantedText(hasText) } }),
      }),
    getByRole: (role: string, { name, exact }: { name?: string; exact?: boolean } = {}) =>
      further(steps.role(role, name, exact)),
    first: () => further({ nth: 0 }),
    nth: (nth: number) => further({ nth }),
    count: async () => (await all()).length,
    waitFor: one,
    click: async () => session.post(`element/${(await one())[elementKey]}/click`),
    focus: () => inPage<HTMLElement>((element) => element.focus()),
    fill: change,
    selectOption: (option: string | { label: string }) =>
      change(typeof option === 'string' ? option : option.label),
    textContent: () => inPage((element) => element.textContent),
    innerText: () => inPage<HTMLElement>((element) => element.innerText),
    inputValue: () => inPage<HTMLInputElement>((element) => element.value),
    allTextContents: async () =>
      evaluate((...elements: Element[]) => elements.map((element) => element.textContent), ...(await all())),
    allInnerTexts: async () =>
      evaluate(
        (...elements: HTMLElement[]) => elements.map((element) => element.innerText),
        ...(await all()),
      ),
    evaluateAll: async (work: unknown) => evaluate(`(${String(work)})(given)`, ...(await all())),
    scrollIntoViewIfNeeded: () => inPage((element) => element.scrollIntoView()),
  });
}

/** The one page of a session. */
export function pageOf(session: Session, context: BrowserContext): Page {
  const listeners: Record<string, Listener[]> = { console: [], pageerror: [] };
  let url = 'about:blank';

  /** Runs a function with its arguments, an expression of `given` (these arguments), or a script in the page. */
  const evaluate: Evaluate = async (work, ...args) => {
    const source = String(work);
    const body = typeof work === 'function' ? `return (${source})(...given);` : bodyOf(source);
    const script = `const given = [...arguments], done = given.pop();
      const end = (outcome) =>
        done({ ...outcome, url: location.href, messages: (${String(reportedMessages)})() });
      (async () => {${body}\n})().then((value) => end({ value }), (error) => end({ error: String(error) }));`;
    const outcome = (await session.post('execute/async', {
      script,
      args: args.filter((argument) => argument !== undefined),
    })) as Outcome;
    ({ url } = outcome);
    for (const { type, text } of outcome.messages) {
      if (type === 'pageerror') for (const hear of listeners['pageerror']!) hear(new Error(text));
      else for (const hear of listeners['console']!) hear({ type: () => type, text: () => text });
    }
    if (outcome.error !== undefined) throw new Error(`page.evaluate: ${outcome.error}`);
    return outcome.value;
  };
  const locator = (...path: readonly Step[]): Locator => locatorOf(session, evaluate, path);
  /** A selector, or `text=…`. */
  const select = (selector: string): Locator =>
    locator(selector.startsWith('text=') ? steps.text(selector.slice(5)) : { selector });

  return partOf<Page>('page', {
    evaluate,
    waitForFunction: (work: unknown, argument?: unknown, { polling = 50 } = {}) =>
      until(() => evaluate(work, argument), String(work), polling),
    waitForSelector: (selector: string) => select(selector).waitFor(),
    waitForURL: (wanted: RegExp) =>
      until(() => evaluate(() => true).then(() => wanted.test(url)), `the address ${String(wanted)}`),
    waitForTimeout: sleep,
    url: () => url,
    async goto(address: string) {
      await session.post('url', { url: address });
      url = address;
    },
    reload: () => session.post('refresh'),
    focus: (selector: string) => select(selector).focus(),
    click: (selector: string) => select(selector).click(),
    keyboard: partOf('keyboard', {
      async press(keys: string) {
        const values = keys.split('+').map((key) => keyCodes[key] ?? key);
        const actions = [
          ...values.map((value) => ({ type: 'keyDown', value })),
          ...values.toReversed().map((value) => ({ type: 'keyUp', value })),
        ];
        await session.post('actions', { actions: [{ type: 'key', id: 'keyboard', actions }] });
        // Its effect on the address is seen.
        await evaluate(() => undefined);
      },
    }),
    locator: (selector: string, options?: Parameters<Locator['locator']>[1]) =>
      locator().locator(selector, options),
    getByRole: (role: 'button', options: Parameters<Locator['getByRole']>[1]) =>
      locator().getByRole(role, options),
    getByLabel: (label: string) => locator(steps.label(label)),
    getByText: (text: string | RegExp) => locator(steps.text(text)),
    screenshot: async () => Buffer.from(String(await session.get('screenshot')), 'base64'),
    context: () => context,
    on: (event: string, listener: Listener) => void listeners[event]!.push(listener),
  });
}
