// Detects LSUN's LMDB databases of WebP images. No maintained npm library reads the standard LMDB format (the package `lmdb` uses
// its own), so the error tells the user how to unpack them.
import { join } from 'node:path';
import { UserError } from '../errors.ts';
import { lookAt } from './file-access.ts';

/** True if a path is an LMDB database: a folder with `data.mdb`, or that file. */
export async function isLmdb(path: string): Promise<boolean> {
  return /\.mdb$/.test(path) || ((await lookAt(join(path, 'data.mdb')))?.isFile() ?? false);
}

/** The error for an LMDB database, with the command that unpacks it to a folder. */
export function lmdbError(path: string): UserError {
  const folder = path.replace(/[\\/]?data\.mdb$/, '');
  return new UserError(
    `data ${path}: an LMDB database, as LSUN has them, cannot be read directly; unpack it to a folder of WebP images with ` +
      `LSUN's own script: git clone https://github.com/fyu/lsun && pip install lmdb opencv-python && ` +
      `python lsun/data.py export ${folder} --out_dir ${folder}-images; then give --data ${folder}-images`,
  );
}
