// `npm run demo`: serves the built demo (or any folder) on the loopback interface, cross-origin isolated, which WebAssembly
// threads need.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { option, readFlags, refuse, text, wholeNumber } from './flags.ts';
import { serveFolders } from './static-server.ts';

const { folder, port } = readFlags({
  folder: option(text, 'dist/demo'),
  port: option(wholeNumber(0, 65535), '8080'),
});
if (!existsSync(join(folder, 'index.html'))) {
  refuse(`${folder}: has no index.html; npm run demo:build makes the demo's`);
}
const server = await serveFolders({ folders: { '/': folder }, isIsolated: true, port }).catch(
  (error: NodeJS.ErrnoException) =>
    refuse(error.code === 'EADDRINUSE' ? `port ${port} is taken; choose another with --port` : error.message),
);
console.log(`${server.origin}  (Ctrl-C stops)`);
