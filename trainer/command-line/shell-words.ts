// Words for a POSIX shell: quoted where needed, and paths as a user would write them.
import { homedir } from 'node:os';
import { relative, sep } from 'node:path';

/** A text as one word of a shell: unchanged if it is plain, else in single quotes. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/**
 * An absolute path as a word of a shell in the folder `cwd`: relative inside it, after `~/` inside the home folder (which keeps the
 * user's name out of pages that are shared), else absolute.
 */
export function shellPath(cwd: string, path: string, home = homedir()): string {
  const isInside = (folder: string): boolean => {
    const short = relative(folder, path);
    return short !== '' && short !== '..' && !short.startsWith(`..${sep}`);
  };
  if (isInside(cwd)) {
    const short = relative(cwd, path);
    // Words with a meaning of their own, and options, become paths.
    return shellWord(['avatars', 'none'].includes(short) || short.startsWith('-') ? `./${short}` : short);
  }
  return isInside(home) ? `~/${shellWord(relative(home, path))}` : shellWord(path);
}
