// npm runs this before the install scripts of the dependencies. That of onnxruntime-node fetches CUDA libraries, which nothing here uses,
// and aborts the whole installation where their server cannot be reached. It fetches only files that are missing, so that in this case,
// and in no other, empty ones are put in their place. Nothing here ends with an error.
import { existsSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import process from 'node:process';

const timeoutMs = 10_000;

try {
  const require = createRequire(import.meta.url);
  const runtime = dirname(require.resolve('onnxruntime-node/package.json'));
  const { requirements, manifests, feeds } = require(join(runtime, 'script', 'install-metadata.js'));
  const platform = `${process.platform}/${process.arch}`;
  const missing = (requirements[platform] ?? [])
    .flatMap((/** @type {string} */ name) => Object.keys(manifests[`${platform}:${name}`]))
    .map((/** @type {string} */ file) => join(runtime, 'bin', 'napi-v6', platform, file))
    .filter((/** @type {string} */ file) => !existsSync(file));
  if (missing.length > 0) {
    const servers = Object.values(feeds).map(({ index }) => index);
    const answers = await Promise.all(
      servers.map((index) =>
        fetch(index, { signal: AbortSignal.timeout(timeoutMs) }).then(
          ({ ok }) => ok,
          () => false,
        ),
      ),
    );
    if (answers.includes(false)) for (const file of missing) writeFileSync(file, '');
  }
} catch {
  // Another version of onnxruntime-node may have no such script.
}
