// The command that repeats a run, as a card shows it: of the installed program, and with the names of files and folders alone.
import { basename } from 'node:path';

/** Flags whose values are places on this machine. */
const places = ['--data', '--labels', '--from', '--evaluate-network', '--config'];

/**
 * The words of a shell's command in its quotes. A word that this program writes has no space and no quote, or is in single quotes as a
 * whole; a home folder (`~/`) may stand before these.
 */
const word = /(?:~\/)?'(?:[^']|'\\'')*'|\S+/g;

/** `npm run train -- --data ~/photos/cats --out /big/runs --steps 9` → `npx dcgan train --data cats --steps 9`. */
export function repeatCommand(command: string): string {
  const words = command.match(word) ?? [];
  const flags = words.slice(words.findIndex((one) => one === 'train') + 1).filter((one) => one !== '--');
  const shown: string[] = ['npx', 'dcgan', 'train'];
  for (let i = 0; i < flags.length; i++) {
    const flag = flags[i]!;
    // The folder of runs says nothing about the model.
    if (flag === '--out') i += 1;
    else if (places.includes(flag)) shown.push(flag, nameIn(flags[++i] ?? ''));
    else shown.push(flag);
  }
  return shown.join(' ');
}

/** The last part of a path in a shell's quotes, in quotes if it needs them. */
function nameIn(quoted: string): string {
  const isQuoted = quoted.endsWith("'");
  const name = basename(isQuoted ? quoted.slice(quoted.indexOf("'") + 1, -1) : quoted);
  return /^[\w@%+=:,.-]+$/.test(name) ? name : `'${name}'`;
}
