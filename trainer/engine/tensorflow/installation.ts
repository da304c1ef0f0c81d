// Where the set-up (scripts/setup-tensorflow.ts) leaves TensorFlow, and what it says of it. The libraries lie in a folder
// of the user's cache; the binding is copied into tfjs-node-gpu's package, where that looks for it.
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { cacheFolder } from '../../files/cache-folder.ts';

/** The version that is installed, and against whose headers the binding is compiled. */
export const tensorflowVersion = '2.18.1';

/** A build of TensorFlow: one for processors only, or one that also has CUDA kernels. */
export type TensorflowBuild = 'cpu' | 'gpu';

/** What is installed. */
export interface Installation {
  readonly tensorflow: string;
  readonly build: TensorflowBuild;
  /** tfjs-node-gpu's version, whose binding it is. */
  readonly binding: string;
  /** The folder with the libraries. */
  readonly folder: string;
}

/** How to set up, for messages. */
export const setupCommand = 'npm run setup:tensorflow';

const require = createRequire(import.meta.url);

/** The folder of the package tfjs-node-gpu. Throws Error where it is not installed. */
export function bindingPackage(): string {
  try {
    return dirname(require.resolve('@tensorflow/tfjs-node-gpu/package.json'));
  } catch {
    throw new Error(
      'the package @tensorflow/tfjs-node-gpu is not installed; run npm ci (without --omit=optional)',
    );
  }
}

/** The version of the package tfjs-node-gpu. */
export function bindingVersion(): string {
  const { version } = JSON.parse(readFileSync(join(bindingPackage(), 'package.json'), 'utf8')) as {
    readonly version: string;
  };
  return version;
}

/** The folder in which tfjs-node-gpu looks for its binding: it has one for each version of Node-API up to 8. */
export function bindingFolder(): string {
  return join(bindingPackage(), 'lib', `napi-v${Math.min(8, Number(process.versions['napi'] ?? 8))}`);
}

/** The name of the binding's file. */
export const bindingFile = 'tfjs_binding.node';
/** The name of the file beside it that says what it is. */
export const installationFile = 'installation.json';

/** The folder that one build is installed in, once and for every project of the user. */
export function installationFolder(build: TensorflowBuild): string {
  return join(cacheFolder(), 'tensorflow', `${tensorflowVersion}-${build}`);
}

/** What is installed. Throws Error with the reason, and what mends it, where nothing is that could work. */
export function findInstallation(): Installation {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Error(
      `TensorFlow is supported on Linux x64 with glibc, not on ${process.platform} ${process.arch}; ` +
        'onnx-cpu and onnx-webgpu work here',
    );
  }
  const folder = bindingFolder();
  const file = join(folder, installationFile);
  if (!existsSync(file) || !existsSync(join(folder, bindingFile))) {
    throw new Error(`TensorFlow is not set up; ${setupCommand}`);
  }
  const found = JSON.parse(readFileSync(file, 'utf8')) as Installation;
  if (found.binding !== bindingVersion()) {
    throw new Error(
      `the binding is of tfjs-node-gpu ${found.binding}, and ${bindingVersion()} is installed; ${setupCommand}`,
    );
  }
  if (!existsSync(found.folder)) {
    throw new Error(`TensorFlow's libraries are gone from ${found.folder}; ${setupCommand}`);
  }
  return found;
}
