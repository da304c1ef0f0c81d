// State names of the statistics of normalised layers.

/** A layer and its number of channels. */
export interface LayerWidth {
  readonly name: string;
  readonly channels: number;
}

/** State names of the statistics of the generator's layers. */
export const statisticNames = {
  mean: (layer: string): string => `statistics/${layer}/mean`,
  variance: (layer: string): string => `statistics/${layer}/variance`,
};
