// What <dcgan-viewer> is made of inside. Everything that a page may want to style is a part or a custom property; there is no
// inline style, which a strict CSP would refuse.
const css = `
:host {
  display: inline-block;
  position: relative;
  box-sizing: border-box;
  inline-size: 256px;
  aspect-ratio: 1;
  border-radius: var(--dcgan-radius, 8px);
  overflow: clip;
  background: var(--dcgan-background, light-dark(#e9e9ee, #24242b));
  color: var(--dcgan-color, light-dark(#16161d, #f4f4f8));
  color-scheme: light dark;
  font: 14px/1.35 system-ui, sans-serif;
}
:host([hidden]) { display: none; }
:host(:focus-visible) { outline: 3px solid var(--dcgan-focus, #3b82f6); outline-offset: 2px; }
canvas, .poster, ::slotted([slot="poster"]) {
  position: absolute; inset: 0; inline-size: 100%; block-size: 100%; object-fit: contain;
}
:host([pixelated]) canvas, :host([pixelated]) .poster { image-rendering: pixelated; }
[hidden] { display: none !important; }
progress {
  position: absolute; inset-inline: 0; inset-block-end: 0; inline-size: 100%; block-size: 4px;
  appearance: none; border: 0; background: transparent; accent-color: var(--dcgan-accent, #3b82f6);
}
progress::-webkit-progress-bar { background: transparent; }
progress::-webkit-progress-value { background: var(--dcgan-accent, #3b82f6); }
progress::-moz-progress-bar { background: var(--dcgan-accent, #3b82f6); }
.error {
  position: absolute; inset: 0; display: grid; place-content: center; padding: 12px; overflow: auto;
  background: var(--dcgan-error-background, light-dark(#fff3f2, #3a1d1c));
  color: var(--dcgan-error-color, light-dark(#8c1d18, #ffb4ab)); overflow-wrap: anywhere;
}
.controls {
  position: absolute; inset-inline: 0; inset-block-end: 0; display: flex; gap: 4px; justify-content: center;
  padding: 6px; background: linear-gradient(transparent, rgb(0 0 0 / 55%));
}
button {
  min-inline-size: 32px; min-block-size: 32px; border: 0; border-radius: 6px; padding: 0 8px; cursor: pointer;
  font: inherit; background: #1b1b22; color: #fff;
}
button:hover { background: #000; }
button:focus-visible { outline: 3px solid var(--dcgan-focus, #3b82f6); }
.status {
  position: absolute; inline-size: 1px; block-size: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap;
}`;

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

/** The parts that the element works with. */
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

/** Fills a shadow root. */
export function fillShadow(root: ShadowRoot): ViewerParts {
  if (sheet === null) {
    sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
  }
  root.adoptedStyleSheets = [sheet];
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
