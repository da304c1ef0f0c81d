// What the worker does beside drawing, in a chunk of its own: it is fetched with the first request for any of it.
export { discriminate } from './discriminate.ts';
export { layersOf as layers } from './layers.ts';
export { masksFor } from './masks.ts';
export { restoreStep } from './restore.ts';
export { steerStep } from './steer.ts';
export { mapStyles, synthesise } from './mix-styles.ts';
