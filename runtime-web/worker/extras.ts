// What the worker does beside drawing, in a chunk of its own: it is fetched with the first request for any of it.
export { layersOf } from './layers.ts';
export { restoreStep } from './restoring.ts';
