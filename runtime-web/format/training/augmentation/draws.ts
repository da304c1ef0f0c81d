// The drawing of augmentations' numbers: handed to whoever draws a step's inputs, because most packages that pages train have none.
import { drawAda } from './ada.ts';
import { drawDiffAugment } from './diff-augment-values.ts';

/** Draws the numbers of ADA's transforms and of DiffAugment's. */
export const augmentationDraws = { drawAda, drawDiffAugment };

/** Type of {@link augmentationDraws}. */
export type AugmentationDraws = typeof augmentationDraws;
