// The texts of <dcgan-viewer>: labels and announcements, in English. Other languages are in languages.ts, which only pages in one of them
// fetch. A page replaces any of them by the property `strings`.

/** The texts in English. The name in braces stands for a value. */
export const english = {
  picture: 'Generated picture',
  loading: 'Loading the model',
  ready: '{name} is ready',
  shown: 'Picture {seed}',
  failed: 'The picture could not be drawn: {message}',
  previous: 'Previous picture',
  play: 'Play',
  pause: 'Pause',
  another: 'Another picture',
  next: 'Next picture',
};

/** The name of a text. */
export type StringName = keyof typeof english;
/** Every text of the viewer. */
export type ViewerStrings = Readonly<Record<StringName, string>>;
