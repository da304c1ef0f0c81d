// A file of a model package with the weights that it shares with others, for running it by itself.
import type { FileRole } from '../../runtime-web/format/package-files.ts';
import { openPackage } from '../../trainer/model-package/read-package.ts';

/** The bytes of the file of a role. Throws UserError as the package's reader does. */
export async function packageBytes(folder: string, role: FileRole): Promise<Uint8Array> {
  return (await openPackage(folder)).readFile(role);
}
