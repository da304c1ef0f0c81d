// Numbers of images that decide how to train on them. Trainer and page share them.

/** Smallest number of images that anything can be learned from. */
export const minImages = 12;

/** From this number on, D needs no augmentation: with fewer it learns the images by heart. */
export const manyImages = 2000;
