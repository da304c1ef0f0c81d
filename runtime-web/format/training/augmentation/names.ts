// The names of the augmentations.

/**
 * DiffAugment's (Zhao 2020). `color`: brightness, saturation and contrast. `translation`: shifts of up to 1/8 of the side. `cutout`: a
 * square set to 0.
 */
export const augmentNames = ['color', 'translation', 'cutout'] as const;
/** One of {@link augmentNames}. */
export type AugmentName = (typeof augmentNames)[number];
/** Adaptive discriminator augmentation (Karras 2020), which has transforms of its own. */
export const adaptive = 'ada';
