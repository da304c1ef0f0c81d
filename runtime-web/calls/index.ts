// The calls of a generator that only some pages use. Each is a chunk of its own, fetched with the first call, so a page that only
// generates images never downloads them. A new call is a file here, one in worker/calls, and a row in both tables.

/** Loaders by method name. Each loads a function of the {@link CallContext} that returns the method itself. */
export const calls = {
  /**
   * The output of every layer for one image, from the smallest layer to the largest. Throws ModelLoadError for a package exported
   * without the file.
   */
  layers: async () => (await import('./layers.ts')).layers,
  /**
   * The discriminator's prediction for each image, or for each image with its label. Throws ModelLoadError for a package exported
   * without the file, TypeError and RangeError for invalid images and labels.
   */
  discriminate: async () => (await import('./discriminate.ts')).discriminate,
  /**
   * Fills a hole, removes noise or colours a grey image. Throws ModelLoadError for a package exported without the file, TypeError
   * and RangeError for an invalid request.
   */
  restore: async () => (await import('./restore.ts')).restore,
  /**
   * Adds attributes to an image or removes them, by moving its latent. Throws ModelLoadError for a package exported without the
   * file, RangeError for unknown attributes.
   */
  steer: async () => (await import('./steer.ts')).steer,
  /**
   * Images of a style-based generator whose layers take the styles of several latents, optionally truncated towards the mean
   * style. Throws RangeError for a model without styles and for layers that do not exist.
   */
  mixStyles: async () => (await import('./mix-styles.ts')).mixStyles,
};

/** The methods that {@link calls} loads. */
export type Calls = {
  readonly [K in keyof typeof calls]: ReturnType<Awaited<ReturnType<(typeof calls)[K]>>>;
};
