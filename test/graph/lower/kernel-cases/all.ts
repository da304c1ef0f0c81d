// The cases of all kernels.
import { elementwiseCases } from './elementwise.ts';
import { imageCases } from './images.ts';
import type { CaseMaker } from './kernel-case.ts';
import { productCases } from './products.ts';
import { reductionCases } from './reductions.ts';
import { shapeCases } from './shapes.ts';

/** Makers of cases, by kernel name. */
export const allCases: Readonly<Record<string, CaseMaker>> = {
  ...elementwiseCases,
  ...reductionCases,
  ...shapeCases,
  ...productCases,
  ...imageCases,
};
