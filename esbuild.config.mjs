// Builds the project's bundles: `node esbuild.config.mjs [trainer] [web] [test] …`; without names, all of them.
// Packages stay external: a process must hold exactly one copy of tfjs-core (see trainer/graph/trace/gradients/register.ts).
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join, relative } from 'node:path';
import process from 'node:process';
import { pathToFileURL } from 'node:url';
import { build, transform } from 'esbuild';

/**
 * Files below `folder` whose names end with `ending`.
 * @param {string} folder
 * @param {string} ending
 */
function filesBelow(folder, ending) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(ending))
    .map((entry) => join(entry.parentPath, entry.name));
}

/** @satisfies {import('esbuild').BuildOptions} */
const node = {
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  packages: 'external',
  splitting: true,
  sourcemap: true,
  logLevel: 'warning',
  // Embeds the feature network and the face detector.
  loader: { '.onnx': 'binary', '.css': 'text' },
};

/**
 * ONNX Runtime's builds for the browser: the script that a worker imports, and the WebAssembly with its JavaScript glue. They
 * stay separate files, because every thread loads the glue again. The table gives the worker their sizes and hashes;
 * runtime-web/page-files.ts and served-files.ts have the names.
 */
function browserRuntime() {
  const folder = dirname(createRequire(import.meta.url).resolve('onnxruntime-web/wasm'));
  const names = {
    wasm: { script: 'ort.wasm.min.mjs', stem: 'ort-wasm-simd-threaded' },
    jspi: { script: 'ort.jspi.min.mjs', stem: 'ort-wasm-simd-threaded.jspi' },
    asyncify: { script: 'ort.webgpu.min.mjs', stem: 'ort-wasm-simd-threaded.asyncify' },
  };
  const copies = Object.values(names).flatMap(({ script, stem }) => [script, `${stem}.mjs`, `${stem}.wasm`]);
  const table = Object.fromEntries(
    Object.entries(names).map(([build, { stem }]) => {
      const bytes = readFileSync(join(folder, `${stem}.wasm`));
      return [build, { bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') }];
    }),
  );
  return { folder, copies, table };
}

/**
 * Imports the viewer's style sheets as minified text.
 * @type {import('esbuild').Plugin}
 */
const minifiedCss = {
  name: 'minified-css',
  setup({ onLoad }) {
    onLoad({ filter: /\.css$/ }, async ({ path }) => {
      const { code } = await transform(readFileSync(path, 'utf8'), { loader: 'css', minify: true });
      return { contents: code.trim(), loader: 'text' };
    });
  },
};

/** @satisfies {import('esbuild').BuildOptions} */
const browser = {
  bundle: true,
  platform: 'browser',
  format: 'esm',
  target: 'es2022',
  minify: true,
  // Beside the scripts, without a comment in them that each page would fetch: a debugger takes the map by hand.
  sourcemap: 'external',
  legalComments: 'none',
  charset: 'utf8',
  logLevel: 'warning',
};

/**
 * Imports the runtime from its built entries (`index.js`), as any page does, instead of holding a copy of it.
 * @param {RegExp} filter of imports of a TypeScript file
 * @param {string} folder of the built entries from the bundle
 * @param {string} [entry] the entry's name; by default the file's
 * @returns {import('esbuild').Plugin}
 */
const builtRuntime = (filter, folder, entry) => ({
  name: 'built-runtime',
  setup({ onResolve }) {
    onResolve({ filter }, ({ kind, path }) =>
      kind === 'entry-point'
        ? null
        : { path: `${folder}/${entry ?? basename(path, '.ts')}.js`, external: true },
    );
  },
});

/**
 * Puts comments into the dynamic imports of a built file that tell bundlers to leave them alone; esbuild drops those of the source. The
 * addresses are known in the page only.
 * @param {string} file
 */
function markImports(file) {
  const text = readFileSync(file, 'utf8');
  const marked = text.replace(
    /\bimport\((?=[\w$.]+\))/g,
    'import(/* webpackIgnore: true */ /* @vite-ignore */ ',
  );
  if (marked === text) throw new Error(`${file}: has no import to mark`);
  writeFileSync(file, marked);
}

/** The custom-elements manifest, which runtime-web/manifest.ts derives from the elements' sources. */
async function customElements() {
  const { outputFiles } = await build({
    bundle: true,
    format: 'esm',
    write: false,
    entryPoints: ['runtime-web/manifest.ts'],
  });
  const { customElementsManifest } = await import(
    `data:text/javascript;base64,${Buffer.from(outputFiles[0]?.contents ?? '').toString('base64')}`
  );
  const readSource = (/** @type {string} */ file) => readFileSync(join('runtime-web', file), 'utf8');
  return JSON.stringify(customElementsManifest(readSource), null, 2);
}

const networksFolder = 'dist/networks';
/** The demo copies the networks, so they are written once for both. */
let hasNetworks = false;

const bundles = {
  async web() {
    const { folder, copies, table } = browserRuntime();
    const outdir = 'runtime-web/dist';
    // Removes chunks of earlier builds, and leaves the declarations.
    for (const entry of existsSync(outdir) ? readdirSync(outdir) : []) {
      if (entry !== 'types') rmSync(join(outdir, entry), { recursive: true });
    }
    await build({
      ...browser,
      splitting: true,
      plugins: [minifiedCss, builtRuntime(/^\.\/(index|element)\.ts$/, '.')],
      entryPoints: {
        index: 'runtime-web/index.ts',
        element: 'runtime-web/element.ts',
        react: 'runtime-web/react.ts',
        format: 'runtime-web/format/index.ts',
      },
      chunkNames: 'dcgan-[name]-[hash]',
      outdir,
    });
    // On its own: what it shared with the viewer would be a file more for every page with a viewer.
    await build({
      ...browser,
      splitting: true,
      entryPoints: { train: 'runtime-web/train/index.ts' },
      chunkNames: 'dcgan-train-[name]-[hash]',
      outdir,
    });
    // <dcgan-plane> imports the built entry for training when it first trains.
    await build({
      ...browser,
      splitting: true,
      plugins: [minifiedCss, builtRuntime(/\/train\/index\.ts$/, '.', 'train')],
      entryPoints: { plane: 'runtime-web/plane.ts' },
      chunkNames: 'dcgan-plane-[name]-[hash]',
      outdir,
    });
    // <dcgan-trainer> imports the built entries for training and for the viewer, when it first needs them.
    await build({
      ...browser,
      splitting: true,
      plugins: [
        minifiedCss,
        builtRuntime(/\/train\/index\.ts$/, '.', 'train'),
        builtRuntime(/\/element\.ts$/, '.'),
      ],
      entryPoints: { trainer: 'runtime-web/trainer.ts' },
      chunkNames: 'dcgan-trainer-[name]-[hash]',
      outdir,
    });
    // Each is one file without imports: bundlers copy it as it is. A classic worker can run the first one too.
    const alone = { ...browser, outdir, define: { RUNTIME_FILES: JSON.stringify(table) } };
    await build({
      ...alone,
      format: 'iife',
      entryPoints: { worker: 'runtime-web/worker/main.ts' },
      sourcemap: false,
    });
    await build({
      ...alone,
      format: 'iife',
      entryPoints: { 'train-worker': 'runtime-web/worker/train/main.ts' },
      sourcemap: false,
    });
    await build({
      ...alone,
      format: 'iife',
      entryPoints: { 'train-pictures': 'runtime-web/worker/pictures/main.ts' },
      sourcemap: false,
    });
    for (const file of ['worker.js', 'train-worker.js']) markImports(join(outdir, file));
    await build({
      ...alone,
      entryPoints: {
        'worker-later': 'runtime-web/worker/later.ts',
        'train-later': 'runtime-web/worker/train/later.ts',
      },
    });
    writeFileSync(join(outdir, 'custom-elements.json'), await customElements());
    mkdirSync(join(outdir, 'onnx'), { recursive: true });
    for (const file of copies) {
      const [from, to] = [join(folder, file), join(outdir, 'onnx', file)];
      if (file.endsWith('.wasm')) copyFileSync(from, to);
      // Without the line that names a source map, which is not copied.
      else writeFileSync(to, readFileSync(from, 'utf8').replace(/\n\/\/# sourceMappingURL=.*\s*$/, '\n'));
    }
  },
  trainer: () =>
    build({
      ...node,
      entryPoints: {
        cli: 'trainer/cli.ts',
        'trace/index': 'trainer/graph/index.ts',
        'batch-thread-worker': 'trainer/data/batch-thread-worker.ts',
        'decode-worker': 'trainer/data/decode-worker.ts',
        'compare-pairs-worker': 'trainer/duplicates/compare-pairs-worker.ts',
        'setup-tensorflow': 'scripts/setup-tensorflow/setup-tensorflow.ts',
      },
      outdir: 'dist/trainer',
    }),
  async demo() {
    await bundles.web();
    const outdir = 'dist/demo';
    rmSync(outdir, { recursive: true, force: true });
    await build({
      ...browser,
      splitting: true,
      entryPoints: { main: 'demo/main.ts' },
      plugins: [builtRuntime(/\/runtime-web\/(index|plane|trainer)\.ts$/, './web')],
      chunkNames: 'demo-[name]-[hash]',
      outdir,
    });
    for (const file of ['index.html', 'style.css', 'icon.svg'])
      copyFileSync(join('demo', file), join(outdir, file));
    cpSync('runtime-web/dist', join(outdir, 'web'), {
      recursive: true,
      filter: (path) => !path.endsWith(join('dist', 'types')),
    });
    for (const folder of ['models', 'pictures', 'clothes']) {
      cpSync(join('demo', folder), join(outdir, folder), { recursive: true });
    }
    await bundles.networks();
    cpSync(networksFolder, join(outdir, 'networks'), { recursive: true });
    // The service worker caches these at once, ONNX Runtime's files and the models at their first use.
    /** @param {string} file */
    const isSmall = (file) => /\.(html|css|svg|js)$/.test(file) || file === join('models', 'index.json');
    const files = filesBelow(outdir, '')
      .map((file) => relative(outdir, file))
      .filter(isSmall)
      .sort();
    // The version covers everything that the service worker may have cached, models and pictures included.
    const version = createHash('sha256');
    const all = filesBelow(outdir, '').map((file) => relative(outdir, file));
    for (const file of all.sort()) version.update(file).update(readFileSync(join(outdir, file)));
    await build({
      ...browser,
      format: 'iife',
      entryPoints: { 'service-worker': 'demo/service-worker.ts' },
      define: {
        SITE_FILES: JSON.stringify(['./', ...files.map((file) => file.replaceAll('\\', '/'))]),
        SITE_VERSION: JSON.stringify(version.digest('hex').slice(0, 16)),
      },
      outdir,
    });
  },
  scripts: () =>
    build({
      ...node,
      entryPoints: {
        'bench/audit': 'scripts/bench/audit.ts',
        'bench/index': 'scripts/bench/index.ts',
        'bench/step': 'scripts/bench/step.ts',
        'bench/gpu': 'scripts/bench/gpu.ts',
        'bench/grouped': 'scripts/bench/grouped.ts',
        'bench/discriminator': 'scripts/bench/discriminator.ts',
        'bench/run': 'scripts/bench/run.ts',
        'bench/quality': 'scripts/bench/quality/quality.ts',
        'bench/distortions': 'scripts/bench/distortions/distortions.ts',
        'bench/conditional': 'scripts/bench/conditional.ts',
        'bench/conditions': 'scripts/bench/conditions.ts',
        'bench/family': 'scripts/bench/family.ts',
        'bench/mixture': 'scripts/bench/mixture.ts',
        'bench/dedupe': 'scripts/bench/dedupe.ts',
        'bench/restoring': 'scripts/bench/restoring.ts',
        'bench/web': 'scripts/bench/web/web.ts',
        'bench/train-web': 'scripts/bench/train-web/train-web.ts',
        'bench/faces': 'scripts/bench/faces.ts',
        'bench/reading': 'scripts/bench/reading.ts',
        'bench/features': 'scripts/bench/features.ts',
        'bench/recipes': 'scripts/bench/recipes/recipes.ts',
        'bench/training-step': 'scripts/bench/training-step.ts',
        'make-start': 'scripts/make-start.ts',
        'make-demo-clothes': 'scripts/make-demo-clothes.ts',
        'make-demo-pictures': 'scripts/make-demo-pictures.ts',
        'convert-face-detector': 'scripts/convert-face-detector/convert-face-detector.ts',
        serve: 'scripts/serve.ts',
        'train-feature-network': 'scripts/train-feature-network/train-feature-network.ts',
      },
      outdir: 'dist/scripts',
    }),
  /** Packages of networks that a page trains: recorded here, so that none is committed. */
  async networks() {
    if (hasNetworks) return;
    hasNetworks = true;
    const outdir = 'dist/scripts';
    await build({ ...node, entryPoints: { 'page-networks': 'scripts/page-networks.ts' }, outdir });
    const script = /** @type {typeof import('./scripts/page-networks.ts')} */ (
      await import(pathToFileURL(join(outdir, 'page-networks.js')).href)
    );
    await script.writePageNetworks(networksFolder);
    await bundles.plane();
  },
  /** The same for points in the plane. */
  plane: async () => {
    const outdir = 'dist/scripts';
    await build({ ...node, entryPoints: { 'plane-networks': 'scripts/plane-networks.ts' }, outdir });
    const script = /** @type {typeof import('./scripts/plane-networks.ts')} */ (
      await import(pathToFileURL(join(outdir, 'plane-networks.js')).href)
    );
    await script.writePlaneNetworks(join(networksFolder, 'plane'));
  },
  test: () =>
    build({ ...node, entryPoints: filesBelow('test', '.test.ts'), outbase: 'test', outdir: 'dist/test' }),
};

const wanted = process.argv.slice(2);
for (const name of wanted) {
  if (!(name in bundles)) {
    console.error(`esbuild.config.mjs: no bundle '${name}'; there are: ${Object.keys(bundles).join(', ')}`);
    process.exit(2);
  }
}
for (const [name, make] of Object.entries(bundles)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  // Removes suites that no longer exist. Other bundles are only overwritten, because a run may be using them.
  if (name === 'test') rmSync(join('dist', name), { recursive: true, force: true });
  await make();
}
