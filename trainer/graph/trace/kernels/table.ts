// Every kernel the recorder takes. One not listed here is refused by name, with the op that asked for it.
import { elementwise } from './elementwise.ts';
import type { KernelTable } from './kernel.ts';
import { products } from './products.ts';
import { reductions } from './reductions.ts';
import { shapes } from './shapes.ts';

/** The recorder's kernels, by tfjs's names. */
export const kernelTable: KernelTable = { ...elementwise, ...reductions, ...shapes, ...products };
