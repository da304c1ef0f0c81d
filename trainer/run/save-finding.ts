// Writes a finding into its run or another folder, and updates the run's report.
import { mkdir, readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { UserError } from '../errors.ts';
import { writeFileAtomically } from '../files/atomic-file.ts';
import { onDisk } from '../files/disk.ts';
import { findingFile, readFinding, type Finding, type SavedFinding } from '../findings/findings.ts';
import { writeReport } from './report.ts';
import { openRunFolder, runFolderAt, type RunFolder } from './run-folder.ts';
import { readStats } from './stats.ts';

/** The folder for the finding of command `name` in the run at `path` (a run, or the model in it); null if `path` is neither. */
export async function findingFolder(path: string, name: string): Promise<string | null> {
  for (const root of [path, dirname(path)]) {
    const run = runFolderAt(root);
    if ((await stat(run.config).catch(() => null)) !== null) return join(run.analysis, name);
  }
  return null;
}

/** Throws UserError if a folder holds the finding of another command, or has no finding but one of the files, the user's. */
async function refuseForeign(folder: string, name: string, files: readonly string[]): Promise<void> {
  const earlier = await readFile(join(folder, findingFile), 'utf8').catch(() => null);
  if (earlier !== null) {
    const other = /"name": "([^"]+)"/.exec(earlier)?.[1] ?? name;
    if (other === name) return;
    throw new UserError(`--out ${folder}: holds the results of ${other}; give another --out`);
  }
  for (const file of files) {
    if ((await stat(join(folder, file)).catch(() => null)) === null) continue;
    throw new UserError(
      `--out ${folder}: holds ${file}, which this program did not write; move it, or give another --out`,
    );
  }
}

/**
 * Writes the finding into `folder`, pictures first, and updates the run's report if the folder lies in a run. It replaces an earlier
 * finding of the same command there, and warns of it if that was another. Throws UserError if the folder cannot be written, or holds
 * files of the user with the same names.
 */
export async function saveFinding(
  folder: string,
  finding: Finding,
  warn: (line: string) => void,
): Promise<void> {
  const { pictures = [], ...rest } = finding;
  const put = (name: string, content: Uint8Array | string): Promise<void> =>
    writeFileAtomically(join(folder, name), content);
  await onDisk(
    folder,
    () => 'give another --out',
    async () => {
      await mkdir(folder, { recursive: true });
      await refuseForeign(folder, rest.name, [...pictures.map(({ file }) => file), findingFile]);
      const earlier = await readFinding(folder);
      for (const { file, content } of pictures) await put(file, content);
      const saved: SavedFinding = {
        ...rest,
        pictures: pictures.map(({ file, caption }) => ({ file, caption })),
      };
      const text = `${JSON.stringify(saved, null, 2)}\n`;
      await put(findingFile, text);
      if (earlier === null || isDeepStrictEqual(earlier, JSON.parse(text))) return;
      const when = earlier.step === undefined ? '' : `of step ${earlier.step}: `;
      warn(`note: replaced the earlier results in ${folder} (${when}${earlier.summary}); --out keeps both`);
    },
  );
  const run = runFolderAt(dirname(dirname(folder)));
  if ((await stat(run.config).catch(() => null)) === null || dirname(folder) !== run.analysis) return;
  const { config } = await openRunFolder(run.path);
  await writeReport(run, config, await readStats(run.stats));
}

/** Writes a run's report again, if it has one, from what its folder has now. Throws UserError if it is no run folder. */
export async function updateReport(run: RunFolder): Promise<void> {
  if ((await stat(run.report).catch(() => null)) === null) return;
  const { config } = await openRunFolder(run.path);
  await writeReport(run, config, await readStats(run.stats));
}
