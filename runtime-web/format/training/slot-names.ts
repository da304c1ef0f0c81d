// Names of a parameter's entries in the state of a training.

/** The running average (EMA). */
export function averageName(name: string): string {
  return `averaged/${name}`;
}

/** The vector u of a kernel's spectral norm. Its shape is the kernel's with 1 for all axes but that of the outputs. */
export function vectorName(kernel: string): string {
  return `spectral/${kernel}`;
}

/**
 * State names of a parameter's Adam moments, of its running average, and of the sum of its gradients over the parts of a batch, which is
 * zero between two steps.
 */
export const slotNames = {
  first: (name: string): string => `moments/first/${name}`,
  second: (name: string): string => `moments/second/${name}`,
  average: averageName,
  sum: (name: string): string => `gradients/${name}`,
};
