// The functions and the format, typed as a user reads them.
import { loadGenerator, ModelLoadError, type Generator } from 'dcgan-viewer';
import { latentOf, parseModel, type Model } from 'dcgan-viewer/format';

export async function pictures(url: string): Promise<readonly ImageData[]> {
  const generator: Generator = await loadGenerator(url, { device: 'auto', assets: '/dcgan/' });
  const floats: readonly Float32Array[] = await generator.generate({ seeds: [1], as: 'floats' });
  const model: Model = parseModel(await (await fetch(url)).json(), url);
  const z: Float32Array = latentOf(model, floats.length);
  return generator.generate({ z: [z] });
}

export const isMissing = (error: unknown): boolean => error instanceof ModelLoadError;

export const viewer = document.createElement('dcgan-viewer');
viewer.seed = 3;
// @ts-expect-error A text is no seed.
viewer.seed = 'three';
