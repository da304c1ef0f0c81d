// The display of <dcgan-trainer>: the wall with its caption, progress and errors, in the language of the page, and announcements to screen
// readers.
import { wordsOf, type Words } from '../elements/words.ts';
import { english, type StringName } from './strings.ts';
import { fillShadow, type TrainerParts } from './template.ts';
import { Wall } from './wall.ts';

/** The display of one element. */
export class Display {
  readonly parts: TrainerParts;
  readonly words: Words<StringName>;
  readonly wall: Wall;

  /** Fills the element's shadow root; `onWords` is called when the language has changed. */
  constructor(element: HTMLElement, onWords: () => void) {
    this.parts = fillShadow(element.attachShadow({ mode: 'open', delegatesFocus: true }));
    this.wall = new Wall(this.parts.canvas);
    this.words = wordsOf(element, english, () => import('./languages.ts'), onWords);
  }

  /** Draws the newest pictures of the wall in place of the poster. */
  draw(images: readonly ImageData[], columns: number): void {
    this.wall.draw(images, columns);
    const { canvas, posterSlot, wall } = this.parts;
    posterSlot.hidden = true;
    wall.classList.toggle('low', canvas.height < 0.8 * canvas.width);
  }

  /** Shows the share of the bytes that is loaded; null hides it. */
  showProgress(share: number | null): void {
    const { progress } = this.parts;
    progress.hidden = share === null;
    progress.value = share ?? 0;
  }

  /** Shows a message in the slot for errors, with a button where something can be done at once; null hides it. */
  showError(message: string | null, remedy: { readonly text: StringName; act(): void } | null = null): void {
    const { error, message: text, remedy: button } = this.parts;
    error.hidden = message === null;
    text.textContent = message;
    button.hidden = remedy === null;
    if (remedy === null) return;
    button.textContent = this.words.say(remedy.text);
    button.onclick = () => remedy.act();
  }

  /** Shows and announces a problem that does not stop the training; null hides it. */
  showWarning(message: string | null): void {
    const { warning } = this.parts;
    warning.hidden = message === null;
    if (message === null) return;
    warning.textContent = this.words.say('warning', message);
    this.announce('warning', message);
  }

  /** Labels the wall with its step (null: the pictures to learn from), and captions it, with the sign of a collapse if there is one. */
  showStep(step: number | null, collapse: string | null): void {
    const { canvas, caption, frame, progress } = this.parts;
    const { say } = this.words;
    const about = step === null ? say('wallOfReal') : say('wall', step.toLocaleString());
    canvas.setAttribute('aria-label', about);
    frame.setAttribute('aria-label', about);
    progress.setAttribute('aria-label', say('loading'));
    const calm = step === null ? `${about}. ${say('begin')}` : about;
    caption.textContent = collapse === null ? calm : say('collapse', collapse);
    caption.classList.toggle('warning', collapse !== null);
  }

  /** Announces a text to screen readers, once the language is there. */
  announce(name: StringName, value?: string | number): void {
    void (async () => {
      await this.words.ready;
      this.parts.status.textContent = this.words.say(name, value);
    })();
  }
}
