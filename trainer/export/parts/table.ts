// The parts of a package besides the generator, in the order in which they are written and recorded. A new file of a package is a
// row of exportFlags and of packageFiles, a part in this folder, and an entry here.
import { activations } from './activations.ts';
import { discriminator } from './discriminator.ts';
import { masked } from './masked.ts';
import type { Part } from './part.ts';
import { restoring } from './restoring.ts';
import { steering } from './steering.ts';
import { styles } from './styles.ts';

/** All optional parts; their interface is in part.ts. */
export const parts: readonly Part[] = [activations, discriminator, masked, restoring, styles, steering];
