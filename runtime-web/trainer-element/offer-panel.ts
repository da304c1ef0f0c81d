// The offer to go on with a training that the browser has kept.
import { make } from '../elements/nodes.ts';
import type { SavedTraining } from '../train/index.ts';
import type { Panel, TrainerHost } from './host.ts';

/** The name of the storage of trainings; where it is missing, nothing is kept. */
const database = 'dcgan-training';

/** A training that was kept, and the address of its package. */
export interface Kept extends SavedTraining {
  readonly url: string;
}

/** The offer; hidden where there is nothing to go on with, and once a training has begun. */
export function offerPanel(host: TrainerHost): Panel {
  const { say } = host;
  let kept: Kept | null = null;
  const text = make('span', {});
  const button = (act: (chosen: Kept) => void): HTMLButtonElement => {
    const made = make('button', { type: 'button', part: 'button' });
    made.addEventListener('click', () => {
      const chosen = kept;
      kept = null;
      node.hidden = true;
      if (chosen !== null) act(chosen);
    });
    return made;
  };
  const goOn = button((chosen) => host.resume(chosen));
  const forget = button((chosen) => {
    void import('../train/index.ts').then(({ forgetTraining }) => forgetTraining(chosen.url));
  });
  const node = make('div', { part: 'offer', hidden: '' }, text, goOn, forget);
  const looking = newestKept(host).then(
    (found) => {
      kept = found;
      if (found !== null) update(host.view);
    },
    // Without storage there is nothing to offer.
    () => undefined,
  );
  function update({ report, isPlaying }: TrainerHost['view']): void {
    // A training that begins takes the place of the kept one.
    if (report !== null || isPlaying) void looking.then(() => (kept = null));
    node.hidden = kept === null || report !== null || isPlaying;
    if (kept === null) return;
    text.textContent = `${say('saved', kept.step.toLocaleString())} (${ago(kept.savedAt, host.element)})`;
    goOn.textContent = say('goOn');
    forget.textContent = say('forget');
  }
  return { node, update };
}

/** The newest training of the element's packages; null without one. */
async function newestKept(host: TrainerHost): Promise<Kept | null> {
  const known = await indexedDB.databases?.();
  if (known?.every(({ name }) => name !== database) === true) return null;
  const { savedTraining } = await import('../train/index.ts');
  let newest: Kept | null = null;
  for (const url of await host.packages()) {
    const saved = await savedTraining(url);
    if (saved !== null && (newest === null || saved.savedAt > newest.savedAt)) newest = { ...saved, url };
  }
  return newest;
}

/** A time in words: `12 minutes ago`, in the language of the element. */
function ago(at: Date, element: Element): string {
  const minutes = Math.round((Date.now() - at.getTime()) / 60_000);
  const language = element.closest('[lang]')?.getAttribute('lang') || 'en';
  const [value, unit] =
    minutes < 60
      ? ([minutes, 'minute'] as const)
      : minutes < 2880
        ? ([Math.round(minutes / 60), 'hour'] as const)
        : ([Math.round(minutes / 1440), 'day'] as const);
  return new Intl.RelativeTimeFormat(language, { numeric: 'auto' }).format(-value, unit);
}
