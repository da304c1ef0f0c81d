// Opens a package on a device: fetches its files and ONNX Runtime, and makes the loop.
import { ModelLoadError } from '../../errors.ts';
import { ModelFormatError } from '../../format/model-format-error.ts';
import { parseTrainable } from '../../format/training/parse-trainable.ts';
import { trainingRoles, type TrainablePackage, type TrainingRole } from '../../format/training/trainable.ts';
import type { DeviceReport, LoadProgress } from '../../protocol.ts';
import type { OpenRequest } from '../../train/protocol.ts';
import { givenImages, type TrainingImages } from '../../training/images.ts';
import { TrainingLoop } from '../../training/loop.ts';
import { OnnxDevice, type OnnxRuntime } from '../../training/onnx-device.ts';
import { fetchFile, fetchJson } from '../fetch-file.ts';
import { later, setLaterAddress } from '../load-later.ts';
import { loadOnnx, runtimeFile, threadCount } from '../onnx.ts';
import type * as Later from './later.ts';
import { checkMemory } from './memory-limit.ts';
import type { Parts } from './parts.ts';
import { watchedDevice } from './watched-device.ts';

/** Opens a training. Throws what `loadTrainer` says. */
export async function openParts(
  request: OpenRequest,
  onProgress?: (progress: LoadProgress) => void,
): Promise<Parts> {
  const { url, build, files, maxBytes } = request;
  setLaterAddress(files.later);
  const opened = parseTrainable(await fetchJson(url), url);
  const images = await imagesOf(request, opened);
  const threads = Math.min(threadCount(), request.threads ?? Infinity);
  checkMemory(opened, images, maxBytes);
  const isOnGpu = build !== 'wasm';
  const wanted = trainingRoles.filter(
    (role) => opened.trainable.files[role] !== undefined && (role !== 'state' || request.state === 'package'),
  );
  const table = wanted.map((role) => ({ role, ...opened.trainable.files[role]! }));
  if (request.state === 'package' && !wanted.includes('state'))
    throw new ModelLoadError(`${url}: the package has no state; export it with --trainable --state`);
  const runtime = runtimeFile(build, files);
  const total = table.reduce((sum, { bytes }) => sum + bytes, runtime.bytes);
  let loaded = 0;
  const count =
    (file: string) =>
    (bytes: number): void =>
      onProgress?.({ loaded: (loaded += bytes), total, file });
  const warnings: string[] = [];
  const bytesOf = new Map<TrainingRole, Uint8Array<ArrayBuffer>>();
  const [module] = await Promise.all([
    loadOnnx(build, files, count(runtime.url), threads),
    ...table.map(async ({ role, file, bytes, sha256 }) => {
      const address = new URL(file, url).href;
      const fetched = await fetchFile({ url: address, bytes, sha256 }, count(address));
      bytesOf.set(role, new Uint8Array(fetched.data));
      warnings.push(...fetched.warnings);
    }),
  ]);
  const inner = new OnnxDevice({
    runtime: module as unknown as OnnxRuntime,
    isOnGpu,
    opened,
    session: {
      executionProviders: [isOnGpu ? 'webgpu' : 'wasm'],
      graphOptimizationLevel: 'all',
      logSeverityLevel: 3,
    },
    fileOf: (role) => bytesOf.get(role)!,
  });
  const device = watchedDevice(inner, { of: `training of ${url}`, limit: request.timeout });
  const loop = new TrainingLoop({
    ...{ opened, device, images, now: () => performance.now() / 1000, parts: later<typeof Later> },
    ...(request.seed !== null && { seed: request.seed }),
  });
  const state = request.state === 'package' ? bytesOf.get('state')! : request.state;
  if (state !== null) await (await later<typeof Later>()).restore(loop, state);
  else if (request.from !== null) await (await later<typeof Later>()).startLoop(loop, request.from);
  loop.set(request.settings);
  const report: DeviceReport = isOnGpu
    ? { name: 'webgpu', reason: request.gpu ?? 'unnamed GPU' }
    : { name: 'wasm', reason: `wasm with ${threads} ${threads === 1 ? 'thread' : 'threads'}` };
  const sampleFile = bytesOf.get('sample')!;
  return { loop, device, report, runtime: module, sampleFile, warnings };
}

/** The images or points of a training. Throws RangeError for data that do not fit the package, ModelFormatError for one of the other kind. */
async function imagesOf(
  { data, url, files }: OpenRequest,
  opened: TrainablePackage,
): Promise<TrainingImages> {
  if (typeof data === 'object' && 'points' in data)
    return (await later<typeof Later>()).pointsOf(data, opened, url);
  if (opened.data === 'points')
    throw new ModelFormatError(
      `${url}: data: got points, expected images; load this package with loadPoints()`,
    );
  if (typeof data === 'object' && 'images' in data) return givenImages(data, opened);
  const { facesOf } = await later<typeof Later>();
  return facesOf(data === 'avatars' ? null : data.avatars, opened, files.later);
}
