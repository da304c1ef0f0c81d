// Every kernel that can be recorded. Any other throws, with its name and the op that called it.
import { elementwise } from './elementwise.ts';
import type { KernelTable } from './kernel.ts';
import { products } from './products.ts';
import { reductions } from './reductions.ts';
import { shapes } from './shapes.ts';

/** The recorder's kernels, by tfjs's names. */
export const kernelTable: KernelTable = { ...elementwise, ...reductions, ...shapes, ...products };
