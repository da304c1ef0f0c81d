// What the worker does beside drawing, in a chunk of its own: it is fetched with the first request for any of it.
export { discriminate } from './discriminate.ts';
export { layersOf as layers } from './layers.ts';
export { masksFor } from './masks.ts';
export { restoreStep } from './restoring.ts';
export { steerStep } from './steering.ts';
export { mapStyles, synthesise } from './styles.ts';
