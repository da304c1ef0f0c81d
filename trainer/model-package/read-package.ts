// Opens a model package from disk. The length and sha256 of each file are checked before its bytes are returned.
import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ModelFormatError } from '../../runtime-web/format/model-format-error.ts';
import { type Model } from '../../runtime-web/format/model.ts';
import { fileRoles, type FileRole } from '../../runtime-web/format/package-files.ts';
import { untrained } from '../../runtime-web/format/untrained.ts';
import { UserError } from '../errors.ts';
import { embedData } from '../external-data/embed-data.ts';
import { maxTextBytes, readRegular } from '../files/regular-file.ts';
import { parseContent } from './package-content.ts';
import { modelFileName } from './package-folder.ts';

/** A package whose `model.json` has been checked. */
export interface ModelPackage {
  readonly folder: string;
  readonly model: Model;
  /**
   * The bytes of a file, with the weights that it shares with other files of the package put into it. Throws UserError if the package has
   * no such file, or the bytes of one of them differ from model.json.
   */
  readFile(role: FileRole): Promise<Uint8Array>;
}

/**
 * Opens the package at `path`: its folder, its `model.json`, or a run folder with `model` in it. Throws UserError if there is none
 * or it cannot be read.
 */
export async function openPackage(path: string): Promise<ModelPackage> {
  const found = await findModelFile(path);
  const folder = dirname(found);
  const text = await readRegular(found, maxTextBytes).catch((error: Error) => {
    throw new UserError(`${found}: cannot be read: ${error.message}`);
  });
  const model = parseModelFile(text.toString(), found);
  const readOne = async (role: FileRole): Promise<Buffer> => {
    const entry = model.files[role];
    if (entry === undefined) throw new UserError(`${found}: the model has no file for '${role}'`);
    const place = join(folder, entry.file);
    const altered = (got: string, expected: string): UserError =>
      new UserError(
        `${place}: got ${got}, expected ${expected} by ${modelFileName}: it is truncated or altered; ` +
          'copy or export the model again',
      );
    const size = (await stat(place).catch(() => null))?.size;
    if (size !== undefined && size !== entry.bytes) throw altered(`${size} bytes`, `${entry.bytes}`);
    const content = await readRegular(place, entry.bytes).catch((error: NodeJS.ErrnoException) => {
      const why = error.code === 'ENOENT' ? 'it is not there' : error.message;
      throw new UserError(`${place}: named in ${modelFileName} and cannot be read: ${why}`);
    });
    if (content.length !== entry.bytes) throw altered(`${content.length} bytes`, `${entry.bytes}`);
    const sha256 = createHash('sha256').update(content).digest('hex');
    if (sha256 !== entry.sha256) throw altered(`sha256 ${sha256}`, entry.sha256);
    return content;
  };
  return {
    folder,
    model,
    async readFile(role) {
      const bytes = await readOne(role);
      if (role === 'preview') return bytes;
      const whole = await embedData(bytes, async (name) => {
        const lender = fileRoles.find((other) => other !== role && model.files[other]?.file === name);
        if (lender !== undefined) return readOne(lender);
        const { file } = model.files[role]!;
        throw new UserError(
          `${join(folder, file)}: its weights are in '${name}', which is no file of the model; export the model again`,
        );
      }).catch((error: Error) => {
        if (error instanceof UserError) throw error;
        throw new UserError(
          `${join(folder, model.files[role]!.file)}: ${error.message}; export the model again`,
        );
      });
      return whole.bytes;
    },
  };
}

/** The path of the package's model.json. */
async function findModelFile(path: string): Promise<string> {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null;
    throw new UserError(`${path}: cannot be read: ${error.message}`);
  });
  if (found === null) throw new UserError(`${path}: there is no such model package`);
  if (!found.isDirectory()) return path;
  for (const inside of [join(path, modelFileName), join(path, 'model', modelFileName)]) {
    if (await stat(inside).catch(() => null)) return inside;
  }
  throw new UserError(
    `${path}: no model package (it has no ${modelFileName}); give the folder that holds one`,
  );
}

function parseModelFile(text: string, path: string): Model {
  try {
    const json = JSON.parse(text) as unknown;
    const { model } = parseContent(json, path);
    if (model !== null) return model;
    throw new UserError(`${path}: ${untrained(json)}`);
  } catch (error) {
    if (error instanceof ModelFormatError) throw new UserError(error.message);
    if (error instanceof SyntaxError) throw new UserError(`${path}: not JSON, expected a ${modelFileName}`);
    throw error;
  }
}
