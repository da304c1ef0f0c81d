// The controls of an element, a chunk of their own that is fetched when they are first shown, and the element as they use it.
import type { TrainerHost, View } from './host.ts';
import { openedAt } from './packages.ts';
import type { Trainings } from './trainings.ts';

/** Steps a second in the slow motion of the button. */
const slowSpeed = 2;

/** Returns what updates the controls, and adds them the first time. It throws Error where they cannot be fetched. */
export function controlsOf(trainings: Trainings): () => Promise<void> {
  const { display, surface } = trainings;
  let adding: Promise<(view: View) => void> | null = null;
  return async () => {
    if (!surface.element.controls && adding === null) return;
    adding ??= import('./controls.ts').then(({ addControls }) =>
      addControls(display.parts, hostOf(trainings)),
    );
    (await adding)(viewOf(trainings));
  };
}

/** The state that the controls show. */
function viewOf(trainings: Trainings): View {
  const { choices, display, surface } = trainings;
  const { report, look, isProbability } = trainings.session;
  const { frames, shownStep } = display.wall;
  return {
    isPlaying: trainings.isWanted,
    isSlow: surface.read('speed') > 0,
    ...{ report, look, isProbability, frames, shownStep },
    broken: choices.broken,
    hasNetworks: choices.folder !== null,
    hasOwnData: choices.given !== null,
    isFromTrained: choices.isFromTrained,
  };
}

/** The element, as controls and panels use it. */
function hostOf(trainings: Trainings): TrainerHost {
  const { choices, display, surface } = trainings;
  const { element } = surface;
  const guarded = (work: () => Promise<unknown>): void => void trainings.session.guarded(work);
  return {
    element: element as unknown as HTMLElement,
    get view() {
      return viewOf(trainings);
    },
    get assets() {
      return surface.read('assets') || undefined;
    },
    say: (name, value) => display.words.say(name, value),
    announce: (name, value) => display.announce(name, value),
    toggle: () => (trainings.isWanted ? trainings.pause() : trainings.play()),
    step: (only) => guarded(() => trainings.step(only)),
    slow: (isSlow) => (element.speed = isSlow ? slowSpeed : 0),
    reset: () => trainings.reset(),
    scrub: (frame) => guarded(() => trainings.scrub(frame?.step)),
    breakIt: (name) => guarded(() => trainings.breakIt(name)),
    shapeFor: (count) => openedAt(choices.address(count), trainings.session.signal),
    addressFor: (count) => choices.address(count),
    packages: () => choices.packages(),
    resume: (kept) => trainings.resume(kept),
    use: (data) => trainings.use(data),
    startFromTrained: (isWanted) => trainings.startFromTrained(isWanted),
    toPackage: () => trainings.trained((trainer) => trainer.toPackage()),
    toRun: () => trainings.trained((trainer) => trainer.toRun()),
    fail: (error) => trainings.showError(error),
  };
}
