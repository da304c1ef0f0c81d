// The architectures that can be trained; `training/architectures/table.ts` has a row for each.

/** DCGAN (Radford 2016) and StyleGAN (Karras 2018). */
export const networkNames = ['dcgan', 'stylegan'] as const;
/** One of {@link networkNames}. */
export type NetworkName = (typeof networkNames)[number];
