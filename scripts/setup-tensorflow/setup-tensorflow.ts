// `dcgan setup-tensorflow`: makes tfjs-node-gpu work with a current TensorFlow. Its own installer fetches a library of 2022
// from another server; this script takes libraries and headers from PyPI's wheel and compiles the binding against them. The result
// is a folder in the user's cache, which exists only if it is complete. A second call only copies the binding back to where
// tfjs-node-gpu looks for it.
import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { UserError } from '../../trainer/errors.ts';
import { hasDriver } from '../../trainer/engine/tensorflow/cuda-device.ts';
import {
  bindingFile,
  bindingFolder,
  bindingVersion,
  installationFile,
  installationFolder,
  setupWith,
  tensorflowVersion,
  type Installation,
  type TensorflowBuild,
} from '../../trainer/engine/tensorflow/installation.ts';
import { loadEnvironment } from '../../trainer/engine/tensorflow/load.ts';
import { invocationFrom } from '../../trainer/command-line/invocation.ts';
import { diskReason } from '../../trainer/files/disk.ts';
import { lockRun } from '../../trainer/files/lock.ts';
import { compileBinding, findCompiler, findNodeHeaders } from './compile.ts';
import { downloadWheel, fetchCommand, findPip } from './pip.ts';
import { checkHash, cudaPlace, tensorflowPlace, unpackLibrary, unpackWheel } from './unpack.ts';
import { cudaWheels, tensorflowWheels } from './wheels.ts';

const help = `Usage: ${setupWith('')}[--cpu | --gpu] [--wheel FILE | --libtensorflow DIR_OR_ARCHIVE]

Sets up the engines tensorflow-cpu and tensorflow-cuda with TensorFlow ${tensorflowVersion}, on Linux x64.

  --cpu                  the build for processors (downloads 230 MB)
  --gpu                  the build with CUDA (600 MB, and 2 GB of CUDA libraries unless the system has them); it
                         also runs on the processor. Default: --gpu if there is an NVIDIA driver, else --cpu
  --wheel FILE           TensorFlow's wheel for CPython 3.12, if it is already downloaded
  --libtensorflow PATH   TensorFlow's C library: its archive, or a folder with lib and include
  --force                installs again, even if it is installed
  --help                 prints this

It needs a C++ compiler, and pip unless --wheel or --libtensorflow is given. Nothing is installed into Python.`;

interface Flags {
  readonly build: TensorflowBuild;
  readonly wheel: string | null;
  readonly library: string | null;
  readonly isForced: boolean;
}

function readFlags(): Flags {
  let values;
  try {
    ({ values } = parseArgs({
      options: {
        cpu: { type: 'boolean', default: false },
        gpu: { type: 'boolean', default: false },
        wheel: { type: 'string' },
        libtensorflow: { type: 'string' },
        force: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    }));
  } catch (error) {
    throw new UserError(`${(error as Error).message.split('. ')[0]!}; --help lists the flags`);
  }
  if (values.help) {
    console.log(help);
    process.exit(0);
  }
  const { cpu, gpu, wheel, libtensorflow, force } = values;
  if (cpu && gpu) throw new UserError('--cpu and --gpu: expected one of them');
  if (wheel !== undefined && libtensorflow !== undefined) {
    throw new UserError('--wheel and --libtensorflow: expected one of them');
  }
  for (const [flag, path] of [
    ['--wheel', wheel],
    ['--libtensorflow', libtensorflow],
  ] as const) {
    if (path !== undefined && !existsSync(path))
      throw new UserError(`${flag} ${path}: there is no such file`);
  }
  return {
    build: gpu || (!cpu && hasDriver()) ? 'gpu' : 'cpu',
    wheel: wheel === undefined ? null : resolve(wheel),
    library: libtensorflow === undefined ? null : resolve(libtensorflow),
    isForced: force,
  };
}

/** Throws UserError if TensorFlow cannot run on this platform. */
function checkPlatform(): void {
  const { header } = process.report.getReport() as {
    readonly header: { readonly glibcVersionRuntime?: string };
  };
  const isGlibc = header.glibcVersionRuntime !== undefined;
  if (process.platform === 'linux' && process.arch === 'x64' && isGlibc) return;
  const here = `${process.platform} ${process.arch}${process.platform === 'linux' && !isGlibc ? ' with musl' : ''}`;
  throw new UserError(
    `TensorFlow is set up on Linux x64 with glibc only, and this is ${here}; onnx-cpu and onnx-webgpu work here, with no set-up`,
  );
}

const say = (line: string): void => console.log(line);
const megabytes = (bytes: number): string => `${Math.round(bytes / 1e6)} MB`;

/** Prints the progress of unpacking, on a terminal only. */
function progress(label: string): (bytes: number) => void {
  let total = 0;
  let printed = 0;
  return (bytes) => {
    total += bytes;
    if (process.stderr.isTTY && total - printed > 2e7) {
      printed = total;
      process.stderr.write(`\r${label}: ${megabytes(total)}\x1b[K`);
    }
  };
}

/** CUDA libraries that the system's loader does not find. */
function missingCudaWheels(): typeof cudaWheels {
  const { stdout } = spawnSync('ldconfig', ['-p'], { encoding: 'utf8' });
  const known = typeof stdout === 'string' ? stdout : '';
  return cudaWheels.filter(({ library }) => !known.includes(`${library} `));
}

/** Puts libraries and headers into `folder`, from --libtensorflow, --wheel or pip. */
async function fetchInto(
  folder: string,
  { build, wheel, library }: Flags,
  pip: readonly string[] | null,
): Promise<void> {
  const downloads = join(folder, 'downloads');
  if (library !== null) {
    say(`unpacking ${library}`);
    await unpackLibrary(library, folder);
  } else {
    const wanted = tensorflowWheels[build];
    const remedy = `\`${fetchCommand(wanted)}\` fetches the right one`;
    const file = wheel ?? (await downloadWheel(pip!, wanted, downloads));
    say(`unpacking ${basename(file)}`);
    await unpackWheel(
      file,
      tensorflowPlace,
      folder,
      ({ name, version }) => {
        if (name === wanted.name && version === wanted.version) return;
        throw new UserError(
          `${file}: ${name} ${version}, expected ${wanted.name} ${wanted.version} (for --${build}); ${remedy}`,
        );
      },
      progress('unpacked'),
    );
    // Whatever RECORD says: it comes with the file.
    await checkHash(file, wanted.sha256, remedy);
  }
  if (build === 'gpu') {
    const missing = missingCudaWheels();
    if (missing.length > 0 && pip === null) {
      throw new UserError(
        `CUDA libraries are missing (${missing.map((cuda) => cuda.library).join(', ')}) and there is no pip to fetch ` +
          'them with; install pip, or CUDA 12.5 and cuDNN 9.3',
      );
    }
    for (const cuda of missing) {
      const file = await downloadWheel(pip!, cuda, downloads);
      say(`unpacking ${basename(file)}`);
      await unpackWheel(file, cudaPlace, folder, () => undefined, progress('unpacked'));
      rmSync(file);
    }
  }
  rmSync(downloads, { recursive: true, force: true });
}

/** Computes a matrix product with the installed binding in a child process. Returns TensorFlow's version and a description. */
function tryOut(binding: string): { readonly version: string; readonly words: string } {
  const program = `
    const binding = require(process.argv[1]);
    const type = { name: 'T', type: binding.TF_ATTR_TYPE, value: binding.TF_FLOAT };
    const flag = (name) => ({ name, type: binding.TF_ATTR_BOOL, value: false });
    const ones = binding.createTensor([256, 256], binding.TF_FLOAT, new Float32Array(65536).fill(1));
    const [y] = binding.executeOp('MatMul', [flag('transpose_a'), flag('transpose_b'), type], [ones, ones], 1);
    const right = binding.tensorDataSync(y.id).every((value) => value === 256);
    console.log(JSON.stringify({ right, version: binding.TF_Version, gpu: binding.isUsingGpuDevice() }));`;
  const environment = loadEnvironment({ device: 'cuda', threads: 1, tf32: false, isVerbose: true });
  const { stdout, stderr, signal } = spawnSync(process.execPath, ['-e', program, binding], {
    encoding: 'utf8',
    env: { ...process.env, ...environment },
  });
  const line = stdout.trim().split('\n').at(-1) ?? '';
  if (!line.startsWith('{')) {
    const why = signal ?? stderr.split('\n').find((text) => text.includes('Error')) ?? 'no reason given';
    throw new UserError(`the binding was compiled and does not work: ${why.trim()}`);
  }
  const { right, version, gpu } = JSON.parse(line) as { right: boolean; version: string; gpu: boolean };
  if (!right) throw new UserError('the binding was compiled and multiplies wrongly');
  const name = /name: ([^,]+),/.exec(stderr)?.[1];
  return {
    version,
    words: `TensorFlow ${version}, devices: CPU${gpu ? `, GPU (${name ?? 'unnamed'})` : ''}`,
  };
}

/** Makes the installation in `home`; a failed one leaves no {@link installationFile}. */
async function install(home: string, flags: Flags): Promise<void> {
  const compiler = findCompiler();
  const headers = findNodeHeaders();
  const needsPip = (flags.wheel === null && flags.library === null) || flags.build === 'gpu';
  const pip = needsPip ? findPip() : null;
  if (flags.wheel === null && flags.library === null && pip === null) {
    throw new UserError(
      'no pip to fetch TensorFlow with (tried pip3, pip, python3 -m pip); install one, or fetch the wheel of ' +
        `${tensorflowWheels[flags.build].name} ${tensorflowVersion} elsewhere and name it with --wheel FILE`,
    );
  }
  const folder = `${home}.part`;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  try {
    await fetchInto(folder, flags, pip);
    say(`compiling the binding with ${compiler}`);
    compileBinding(compiler, headers, folder, home);
    rmSync(join(folder, 'include'), { recursive: true });
    rmSync(home, { recursive: true, force: true });
    renameSync(folder, home);
    // This file comes last, so its presence means that the installation is complete.
    const { version: tensorflow } = tryOut(join(home, bindingFile));
    const installation: Installation = {
      tensorflow,
      build: flags.build,
      binding: bindingVersion(),
      folder: home,
    };
    writeFileSync(join(home, installationFile), JSON.stringify(installation, null, 2));
  } finally {
    rmSync(folder, { recursive: true, force: true });
    for (const rest of readdirSync(dirname(home))) {
      if (rest.startsWith(`${basename(folder)}-archive-`))
        rmSync(join(dirname(home), rest), { recursive: true });
    }
  }
}

/** True if `home` holds a complete installation for this tfjs-node-gpu. */
function isInstalled(home: string): boolean {
  try {
    const { binding } = JSON.parse(readFileSync(join(home, installationFile), 'utf8')) as Installation;
    return binding === bindingVersion() && existsSync(join(home, bindingFile));
  } catch {
    return false;
  }
}

async function setUp(): Promise<void> {
  const flags = readFlags();
  checkPlatform();
  const home = installationFolder(flags.build);
  try {
    // Throws before the download if the package or the folder is missing.
    bindingVersion();
    mkdirSync(dirname(home), { recursive: true });
    const lock = lockRun(join(dirname(home), 'lock'), 'another set-up is at work here');
    try {
      const isRequested = flags.isForced || flags.wheel !== null || flags.library !== null;
      if (isRequested || !isInstalled(home)) await install(home, flags);
      const { words } = tryOut(join(home, bindingFile));
      mkdirSync(bindingFolder(), { recursive: true });
      for (const file of [bindingFile, installationFile])
        copyFileSync(join(home, file), join(bindingFolder(), file));
      say(`${words}; libraries in ${home}`);
      const train = invocationFrom(fileURLToPath(import.meta.url), process.cwd())('train');
      say(`next      ${train} --engine tensorflow-${flags.build === 'gpu' ? 'cuda' : 'cpu'}`);
    } finally {
      lock.release();
    }
  } catch (error) {
    if (error instanceof UserError) throw error;
    const reason = diskReason(error);
    if (reason !== null) throw new UserError(`${dirname(home)}: ${reason}; nothing has been installed`);
    throw new UserError(error instanceof Error ? error.message : String(error));
  }
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    // An unfinished installation is in a separate folder, which the next call removes.
    process.exit(130);
  });
}
try {
  await setUp();
} catch (error) {
  console.error(`error: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 2;
}
