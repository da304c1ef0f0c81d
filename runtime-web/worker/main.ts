// The worker: loads models and draws them, one thing at a time, for every generator of a page. Bundled alone, it lies beside
// the runtime's script, with ONNX Runtime's files in the folder `onnx`.
import { expose, transfer } from 'comlink';
import { chooseBuild } from '../adapter.ts';
import { errorRecord, ModelLoadError } from '../errors.ts';
import { type Model, type ModelFile } from '../format/model.ts';
import { parseModel } from '../format/parse-model.ts';
import {
  readyMessage,
  type Drawn,
  type ExtraName,
  type ExtraRequest,
  type ExtraResult,
  type LoadProgress,
  type LoadRequest,
  type WorkerApi,
} from '../protocol.ts';
import { fetchFile, fetchJson } from './fetch-file.ts';
import { LoadedModel } from './loaded-model.ts';
import { loadOnnx, runtimeFile } from './onnx.ts';

/** The chunk of what few pages ask for. */
type Extras = {
  readonly [K in ExtraName]: (loaded: LoadedModel, request: ExtraRequest<K>) => Promise<ExtraResult<K>>;
};

interface Held {
  readonly opened: Promise<{ readonly loaded: LoadedModel; readonly warnings: readonly string[] }>;
  readonly id: number;
  users: number;
}

const held = new Map<string, Held>();
const aborted = new Set<number>();
let nextId = 1;
let turn: Promise<unknown> = Promise.resolve();

/** ONNX Runtime does one thing at a time: opening a session while another runs is an error of its. */
function inTurn<T>(work: () => Promise<T>): Promise<T> {
  const mine = turn.then(work, work);
  turn = mine.catch(() => undefined);
  return mine;
}

/** Errors cross as their name and message; see rebuiltError. */
async function told<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const { name, message } = errorRecord(error);
    throw Object.assign(new Error(message), { name });
  }
}

function weightsOf({ files }: Model, { dtype, role, url }: LoadRequest): ModelFile {
  if (role === 'generator')
    return dtype === 'fp16' ? (files.generatorFp16 ?? files.generator) : files.generator;
  const file = files[role];
  if (file !== undefined) return file;
  const flag = role === 'masked' ? 'masks' : role;
  throw new ModelLoadError(`${url}: the package has no ${role}; export it with --${flag}`);
}

async function open(request: LoadRequest, onProgress: (progress: LoadProgress) => void) {
  const { url, device, on } = request;
  const { build, adapter } = await chooseBuild(device);
  const model = parseModel(await fetchJson(url), url);
  const weights = weightsOf(model, request);
  const runtime = runtimeFile(build);
  const total = weights.bytes + runtime.bytes;
  let loaded = 0;
  const heard =
    (file: string) =>
    (bytes: number): void =>
      onProgress({ loaded: (loaded += bytes), total, file });
  const address = new URL(weights.file, url).href;
  const [ort, { data, warnings }] = await Promise.all([
    loadOnnx(build, heard(runtime.url)),
    fetchFile({ ...weights, url: address }, heard(address)),
  ]);
  const opened = await inTurn(() =>
    LoadedModel.open({ ort, model, file: data, sha256: weights.sha256, device: on ?? device, adapter }),
  );
  return { loaded: opened, warnings };
}

async function loadedOf(id: number): Promise<LoadedModel> {
  const entry = [...held.values()].find((candidate) => candidate.id === id);
  if (entry === undefined) throw new Error('the generator has been disposed of');
  return (await entry.opened).loaded;
}

const api: WorkerApi = {
  load: (request, onProgress) =>
    told(async () => {
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
    }),

  draw: (request) =>
    told(async () => {
      const loaded = await loadedOf(request.id);
      try {
        const { masks } = request;
        const more =
          masks === undefined ? undefined : (await import('./calls/index.ts')).masksFor(loaded, masks);
        const images = await inTurn(() => loaded.draw(request, () => aborted.has(request.request), more));
        const data = images ?? new Float32Array(0);
        const drawn: Drawn = { data, device: loaded.device };
        return transfer(drawn, [data.buffer]);
      } finally {
        aborted.delete(request.request);
      }
    }),

  extra: (name, request) =>
    told(async () => {
      const loaded = await loadedOf(request.id);
      const extras = (await import('./calls/index.ts')) as Extras;
      return inTurn(() => extras[name](loaded, request));
    }),

  abort: (request) => void aborted.add(request),

  release: (id) =>
    told(async () => {
      for (const [key, entry] of held) {
        if (entry.id !== id) continue;
        entry.users -= 1;
        if (entry.users > 0) return;
        held.delete(key);
        const { loaded } = await entry.opened;
        await inTurn(() => loaded.release());
      }
    }),
};

expose(api);
// A lock is held as long as this worker lives: the page, which asks for it next, learns of its end so.
const locks = navigator.locks as LockManager | undefined;
const getReady = (): void => self.postMessage(readyMessage);
if (locks === undefined) getReady();
else {
  void locks.request(self.name, () => {
    getReady();
    return new Promise(() => undefined);
  });
}
