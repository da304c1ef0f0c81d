// `npm run demo`: serves the built demo (or any folder) on the loopback interface, isolated, so that WebAssembly has threads.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { serveFolders } from './static-server.ts';

function refuse(message: string): never {
  console.error(`error: ${message}`);
  process.exit(2);
}

let values;
try {
  ({ values } = parseArgs({
    options: { folder: { type: 'string', default: 'dist/demo' }, port: { type: 'string', default: '8080' } },
  }));
} catch (error) {
  refuse((error as Error).message);
}
const port = Number(values.port);
if (!Number.isInteger(port) || port < 0 || port > 65535) {
  refuse(`--port: got ${values.port}, expected a whole number from 0 to 65535`);
}
if (!existsSync(join(values.folder, 'index.html'))) {
  refuse(`${values.folder}: has no index.html; npm run demo:build makes the demo's`);
}
const server = await serveFolders({ folders: { '/': values.folder }, isIsolated: true, port }).catch(
  (error: NodeJS.ErrnoException) =>
    refuse(error.code === 'EADDRINUSE' ? `port ${port} is taken; choose another with --port` : error.message),
);
console.log(`${server.origin}  (Ctrl-C stops)`);
