// Name, size and sha256 of a file, as `model.json` lists files.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { ModelFile } from '../../runtime-web/format/model.ts';

/** Describes the file at `path`; file-system errors are rethrown. */
export async function describeFile(path: string): Promise<ModelFile> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Uint8Array);
  return { file: basename(path), bytes: (await stat(path)).size, sha256: hash.digest('hex') };
}
