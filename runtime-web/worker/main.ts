// The worker: loads models and runs them, one task at a time, for all generators of a page. It is built into one file that imports
// nothing, whose addresses for everything else come from the page: bundlers and content delivery networks move files about.
import { expose, transfer } from 'comlink';
import { chooseBuild } from '../adapter.ts';
import { ModelLoadError } from '../errors.ts';
import type { Model, ModelFile } from '../format/model.ts';
import { exportFlags } from '../format/package-files.ts';
import { parseModel } from '../format/parse-model.ts';
import { fileName, type Drawn, type LoadProgress, type LoadRequest, type WorkerApi } from '../protocol.ts';
import { fetchFile, fetchJson } from './fetch-file.ts';
import type * as Later from './later.ts';
import { later, setLaterAddress } from './load-later.ts';
import { LoadedModel } from './loaded-model.ts';
import { holdLock } from './hold-lock.ts';
import { loadOnnx, runtimeFile } from './onnx.ts';
import { post } from './post.ts';
import { generatorShapes } from './tensor-shapes.ts';

type WorkerCall = (loaded: LoadedModel, request: unknown) => Promise<unknown>;

/** A model and its number of users. */
interface Held {
  readonly opened: Promise<{ readonly loaded: LoadedModel; readonly warnings: readonly string[] }>;
  readonly id: number;
  users: number;
}

const held = new Map<string, Held>();
const aborted = new Set<number>();
let nextId = 1;
let turn: Promise<unknown> = Promise.resolve();

/** Serialises all ONNX Runtime calls: creating a session while another one is running throws. */
function inTurn<T>(work: () => Promise<T>): Promise<T> {
  const mine = turn.then(work, work);
  turn = mine.catch(() => undefined);
  return mine;
}

function weightsOf({ files }: Model, { dtype, role, url }: LoadRequest): ModelFile {
  if (role === 'generator')
    return dtype === 'fp16' ? (files.generatorFp16 ?? files.generator) : files.generator;
  const file = files[role];
  if (file !== undefined) return file;
  throw new ModelLoadError(`${url}: the package has no ${role}; export it with ${exportFlags[role]}`);
}

async function open(request: LoadRequest, onProgress?: (progress: LoadProgress) => void) {
  const { url, device, build, files, on } = request;
  setLaterAddress(files.later);
  // The adapter may come or go between two loads; the worker's build stays.
  const found = (await chooseBuild(device)).adapter;
  const adapter = build === 'wasm' && !found?.isSoftware ? null : found;
  const model = parseModel(await fetchJson(url), url);
  const weights = weightsOf(model, request);
  const runtime = runtimeFile(build, files);
  const total = weights.bytes + runtime.bytes;
  let loaded = 0;
  const countBytes =
    (file: string) =>
    (bytes: number): void =>
      onProgress?.({ loaded: (loaded += bytes), total, file });
  const address = new URL(weights.file, url).href;
  const [ort, { data, warnings }] = await Promise.all([
    loadOnnx(build, files, countBytes(runtime.url)),
    fetchFile({ ...weights, url: address }, countBytes(address)),
  ]);
  const part =
    request.role === 'generator'
      ? { shapes: generatorShapes(model) }
      : await (await later<typeof Later>()).partOf(model, request, data);
  const opened = await inTurn(() =>
    LoadedModel.open({
      run: { of: fileName(request), limit: request.timeout },
      ort,
      model,
      file: data,
      ...part,
      sha256: weights.sha256,
      device: (adapter && on) ?? device,
      adapter,
    }),
  );
  return { loaded: opened, warnings };
}

async function loadedOf(id: number): Promise<LoadedModel> {
  const entry = [...held.values()].find((candidate) => candidate.id === id);
  if (entry === undefined) throw new Error('the generator has been disposed of');
  return (await entry.opened).loaded;
}

const api: WorkerApi = {
  async load(request, onProgress) {
    const key = JSON.stringify(request);
    let entry = held.get(key);
    if (entry === undefined) {
      entry = { opened: open(request, onProgress), id: nextId++, users: 0 };
      held.set(key, entry);
    }
    entry.users += 1;
    try {
      const { loaded, warnings } = await entry.opened;
      return { id: entry.id, model: loaded.model, device: loaded.device, warnings };
    } catch (error) {
      held.delete(key);
      throw error;
    }
  },

  async draw(request) {
    const loaded = await loadedOf(request.id);
    try {
      const { masks } = request;
      const more = masks === undefined ? undefined : (await later<typeof Later>()).masksFor(loaded, masks);
      const images = await inTurn(() => loaded.draw(request, () => aborted.has(request.request), more));
      const data = images ?? new Float32Array(0);
      return transfer<Drawn>({ data, device: loaded.device }, [data.buffer]);
    } finally {
      aborted.delete(request.request);
    }
  },

  async compute({ id, name, request }) {
    const loaded = await loadedOf(id);
    const { workerCalls } = await later<typeof Later>();
    const call = workerCalls[name as keyof typeof workerCalls] as WorkerCall;
    return inTurn(() => call(loaded, request));
  },

  async abort(request) {
    aborted.add(request);
  },

  async release(id) {
    for (const [key, entry] of held) {
      if (entry.id !== id) continue;
      entry.users -= 1;
      if (entry.users > 0) return;
      held.delete(key);
      const { loaded } = await entry.opened;
      await inTurn(() => loaded.release());
    }
  },
};

expose(api);
post({ kind: 'ready' });
holdLock();
