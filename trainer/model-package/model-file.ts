// Reads `model.json`, and writes that of a package whose other files are there.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Model, ModelFile } from '../../runtime-web/format/model.ts';
import { fileRoles, packageFiles, type FileRole } from '../../runtime-web/format/package-files.ts';
import { parseModel } from '../../runtime-web/format/parse-model.ts';
import { writeFileAtomically } from '../files/atomic-file.ts';
import { parseContent } from './package-content.ts';
import { modelFileName } from './package-folder.ts';

/** The description of the package in a folder; null if there is none that can be read. */
export async function readModelFile(folder: string): Promise<Model | null> {
  try {
    return parseModel(JSON.parse(await readFile(join(folder, modelFileName), 'utf8')), modelFileName);
  } catch {
    return null;
  }
}

/** Name, length and sha256 of each of the package's files in the folder. */
export async function describeFiles(folder: string): Promise<Model['files']> {
  const table: Partial<Record<FileRole, ModelFile>> = {};
  for (const role of fileRoles) {
    const { file } = packageFiles[role];
    const content = await readFile(join(folder, file)).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return null;
      throw error;
    });
    if (content === null) continue;
    const sha256 = createHash('sha256').update(content).digest('hex');
    table[role] = { file, bytes: content.length, sha256 };
  }
  return { ...table, generator: table.generator! };
}

/** {@link writePackageFile} of a trained model. */
export async function writeModelFile(folder: string, model: Model): Promise<void> {
  await writePackageFile(folder, model);
}

/** Writes `model.json`. Throws ModelFormatError, with nothing written, for a content that its readers would refuse. */
export async function writePackageFile(
  folder: string,
  content: Omit<Model, 'files'> & { readonly files: Partial<Model['files']> },
): Promise<void> {
  const text = `${textOf(content)}\n`;
  // Checks the text with the same validator as its readers, before it is written.
  parseContent(JSON.parse(text), modelFileName);
  await writeFileAtomically(join(folder, modelFileName), text);
}

/** Longest list or object, in characters, that is written in one line. */
const maxLine = 100;

/** JSON, with short lists and objects in one line each and long lists of numbers too. */
function textOf(value: unknown, indent = ''): string {
  const line = JSON.stringify(value);
  const isOfNumbers = Array.isArray(value) && value.every((item) => typeof item === 'number');
  if (typeof value !== 'object' || value === null || line.length <= maxLine || isOfNumbers) return line;
  const inner = `${indent}  `;
  const [open, close] = Array.isArray(value) ? '[]' : '{}';
  const items = Array.isArray(value)
    ? value.map((item) => textOf(item, inner))
    : Object.entries(value)
        .filter(([, item]) => item !== undefined)
        .map(([key, item]) => `${JSON.stringify(key)}: ${textOf(item, inner)}`);
  return `${open}\n${items.map((item) => inner + item).join(',\n')}\n${indent}${close}`;
}
