// The folder for files that can be made again: decoded images, TensorFlow's libraries.
import { homedir } from 'node:os';
import { join } from 'node:path';

/** `$DCGAN_CACHE`, or `~/.cache/dcgan`. */
export function cacheFolder(environment: NodeJS.ProcessEnv = process.env): string {
  const named = environment['DCGAN_CACHE'];
  return named !== undefined && named !== '' ? named : join(homedir(), '.cache', 'dcgan');
}
