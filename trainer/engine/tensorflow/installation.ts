// Locates the TensorFlow installation of `dcgan setup-tensorflow`. The libraries are in a folder of the user's cache; the binding is
// copied into the package tfjs-node-gpu, which loads it from there.
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { peerDependencies } from '../../../package.json';
import { cacheFolder } from '../../files/cache-folder.ts';

/** The version of TensorFlow that the set-up installs and compiles the binding for. */
export const tensorflowVersion = '2.18.1';

/** A build of TensorFlow: `gpu` also has CUDA kernels. */
export type TensorflowBuild = 'cpu' | 'gpu';

/** The content of `installation.json`. */
export interface Installation {
  readonly tensorflow: string;
  readonly build: TensorflowBuild;
  /** The version of tfjs-node-gpu that the binding belongs to. */
  readonly binding: string;
  /** The folder of the libraries. */
  readonly folder: string;
}

const isInPackage = fileURLToPath(import.meta.url)
  .split(sep)
  .includes('node_modules');

/** The set-up command, for messages: in a clone, or where the package is installed. */
export const setupCommand = isInPackage ? 'npx dcgan setup-tensorflow' : 'npm run setup:tensorflow';

/** The set-up command with a flag. */
export const setupWith = (flag: string): string => `${setupCommand} ${isInPackage ? '' : '-- '}${flag}`;

/** The command that installs the packages that TensorFlow needs. Scripts of theirs fetch a library of 2022. */
export const installCommand = isInPackage
  ? `npm install --ignore-scripts @tensorflow/tfjs-node-gpu@${peerDependencies['@tensorflow/tfjs-node-gpu']}`
  : 'npm ci';

const require = createRequire(import.meta.url);

/** The folder of the package tfjs-node-gpu. Throws Error if it is not installed. */
export function bindingPackage(): string {
  try {
    return dirname(require.resolve('@tensorflow/tfjs-node-gpu/package.json'));
  } catch {
    throw new Error(`the package @tensorflow/tfjs-node-gpu is not installed; run ${installCommand}`);
  }
}

/** The version of the package tfjs-node-gpu. */
export function bindingVersion(): string {
  const { version } = JSON.parse(readFileSync(join(bindingPackage(), 'package.json'), 'utf8')) as {
    readonly version: string;
  };
  return version;
}

/** The folder from which tfjs-node-gpu loads its binding; it has one for each version of Node-API up to 8. */
export function bindingFolder(): string {
  return join(bindingPackage(), 'lib', `napi-v${Math.min(8, Number(process.versions['napi'] ?? 8))}`);
}

/** File name of the binding. */
export const bindingFile = 'tfjs_binding.node';
/** File name of the {@link Installation} beside the binding. */
export const installationFile = 'installation.json';

/** The folder of one build's libraries, shared by all projects of the user. */
export function installationFolder(build: TensorflowBuild): string {
  return join(cacheFolder(), 'tensorflow', `${tensorflowVersion}-${build}`);
}

/** Reads the installation. Throws Error with the reason and the remedy if TensorFlow cannot work here. */
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
