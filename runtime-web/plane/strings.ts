// The texts of <dcgan-plane> in English. Other languages are in languages.ts, which only pages in one of them fetch. The names of the
// methods come with the packages.

/** The texts; names in braces stand for values. */
export const english = {
  play: 'Play',
  pause: 'Pause',
  step: 'Step',
  reset: 'Reset',
  data: 'Data',
  eight: 'Eight Gaussians',
  ring: 'Ring',
  grid: 'Grid',
  drawing: 'Your drawing',
  seed: 'Seed',
  add: 'Add method',
  remove: 'Remove method',
  method: 'Method {index}',
  real: 'Points of the data',
  samples: 'Points of G',
  heat: "D's scores",
  low: 'generated',
  high: 'real',
  arrows: "Where G's points are pulled",
  loading: 'Loading',
  atStep: 'Step {step}',
  modes: '{covered} of {total} modes, {share}% of the points on them',
  losses: 'loss of D {dLoss}, of G {gLoss}',
  begun: 'Press Play: D learns to tell the points of the data from those of G, and G to make more of them.',
  pad: 'Your drawing, {count} dabs. Draw here. Keys: arrows move, space draws, Backspace removes.',
  clear: 'Clear',
  empty: 'Draw something first.',
  diverged: 'A number is no longer finite: this method has diverged. Reset it, or take another seed.',
  failed: 'The training failed: {message}',
};

/** The name of a text. */
export type PlaneString = keyof typeof english;
/** Every text of the element. */
export type PlaneStrings = Readonly<Record<PlaneString, string>>;
