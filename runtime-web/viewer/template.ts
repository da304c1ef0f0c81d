// The shadow DOM of <dcgan-viewer>. Pages style it by parts and custom properties. There is no inline style, because a strict CSP would
// refuse it; only browsers without constructable style sheets get a style element.
import css from './viewer.css';

/** The markup. Its slots and parts are public. */
const html = `
<canvas part="canvas" role="img" width="1" height="1"></canvas>
<slot name="poster"><img class="poster" part="poster" alt="" hidden></slot>
<progress part="progress" max="1" value="0" aria-label="Loading the model" hidden></progress>
<div class="error" part="error" hidden><slot name="error"><span class="message"></span></slot></div>
<slot name="controls" hidden>
  <div class="controls" part="controls">
    <button part="button" class="previous" type="button" aria-label="Previous picture">‹</button>
    <button part="button" class="play" type="button" aria-label="Play">▶</button>
    <button part="button" class="another" type="button" aria-label="Another picture">⟳</button>
    <button part="button" class="next" type="button" aria-label="Next picture">›</button>
  </div>
</slot>
<div class="status" role="status" aria-live="polite"></div>`;

/** The nodes that the element changes. */
export interface ViewerParts {
  readonly canvas: HTMLCanvasElement;
  readonly poster: HTMLImageElement;
  readonly posterSlot: HTMLSlotElement;
  readonly progress: HTMLProgressElement;
  readonly error: HTMLElement;
  readonly message: HTMLElement;
  readonly controls: HTMLSlotElement;
  readonly status: HTMLElement;
  readonly buttons: Readonly<Record<'previous' | 'play' | 'another' | 'next', HTMLButtonElement>>;
}

let sheet: CSSStyleSheet | null = null;

/** Gives a shadow root its style sheet: one for all viewers, or an element of its own in browsers before 2023. */
function addStyle(root: ShadowRoot): void {
  try {
    if (sheet === null) {
      sheet = new CSSStyleSheet();
      sheet.replaceSync(css);
    }
    root.adoptedStyleSheets = [sheet];
  } catch {
    sheet = null;
    const style = document.createElement('style');
    style.textContent = css;
    root.append(style);
  }
}

/** Fills a shadow root and finds its nodes. */
export function fillShadow(root: ShadowRoot): ViewerParts {
  addStyle(root);
  const template = document.createElement('template');
  template.innerHTML = html;
  root.append(template.content);
  const find = <T extends Element>(selector: string): T => root.querySelector<T>(selector)!;
  return {
    canvas: find('canvas'),
    poster: find('.poster'),
    posterSlot: find('slot[name="poster"]'),
    progress: find('progress'),
    error: find('.error'),
    message: find('.message'),
    controls: find('slot[name="controls"]'),
    status: find('.status'),
    buttons: {
      previous: find('.previous'),
      play: find('.play'),
      another: find('.another'),
      next: find('.next'),
    },
  };
}
