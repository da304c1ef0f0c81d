// The controls of <dcgan-plane>: each acts on the element as a page's script would.
import type { DataName } from './data.ts';
import type { PlaneParts } from './template.ts';

/** The element, as its controls use it. */
interface Controlled {
  playing: boolean;
  methods: string;
  data: DataName;
  seed: number;
  points: readonly number[];
  play(): void;
  pause(): void;
  step(): Promise<void>;
  reset(): Promise<void>;
}

/** Makes the controls act on the element; `onLayers` is called when other layers of the picture are chosen, `onAdd` for one more method. */
export function listenToControls(
  { buttons, data, seed, heat, arrows }: PlaneParts,
  element: Controlled,
  { onLayers, onAdd }: { readonly onLayers: () => void; readonly onAdd: () => void },
): void {
  buttons.play.addEventListener('click', () => (element.playing ? element.pause() : element.play()));
  buttons.step.addEventListener('click', () => void element.step());
  buttons.reset.addEventListener('click', () => void element.reset());
  buttons.add.addEventListener('click', onAdd);
  buttons.remove.addEventListener('click', () => {
    element.methods = element.methods.split(' ').slice(0, -1).join(' ');
  });
  buttons.clear.addEventListener('click', () => (element.points = []));
  data.addEventListener('change', () => (element.data = data.value as DataName));
  seed.addEventListener('change', () => (element.seed = Math.abs(Math.trunc(Number(seed.value))) || 0));
  for (const box of [heat, arrows]) box.addEventListener('change', onLayers);
}
