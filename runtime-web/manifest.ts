// The custom-elements manifest of the package, which the build writes.
import { moduleOf, type ReadSource } from './elements/manifest.ts';
import { planeSources } from './plane/manifest.ts';
import { trainerSources } from './trainer-element/manifest.ts';
import { viewerSources } from './viewer/manifest.ts';

/** The manifest, as an object for JSON. */
export const customElementsManifest = (readSource: ReadSource): object => ({
  schemaVersion: '1.0.0',
  modules: [viewerSources, trainerSources, planeSources].map((sources) => moduleOf(sources, readSource)),
});
