// A package's files as sessions of ONNX Runtime over one state. An update's outputs become the next one's inputs as they are: on a GPU
// they never leave it.
import type { InferenceSession, Tensor, TypedTensor } from 'onnxruntime-web';
import { ModelFormatError } from '../format/model-format-error.ts';
import { graphNames } from '../format/training/graph-names.ts';
import type { FloatTensor, FloatTensors } from '../format/training/tensors.ts';
import type { TrainablePackage } from '../format/training/trainable.ts';
import type { GraphRole, StateDevice } from './state-device.ts';

/** The part of ONNX Runtime that this needs, for Node and for browsers. */
export interface OnnxRuntime {
  readonly Tensor: typeof Tensor;
  readonly InferenceSession: {
    create(file: Uint8Array, options: InferenceSession.SessionOptions): Promise<InferenceSession>;
  };
}

/** Everything that the sessions need. */
export interface OnnxDeviceOptions {
  readonly runtime: OnnxRuntime;
  /** True if the outputs of updates stay in GPU buffers. */
  readonly isOnGpu: boolean;
  readonly session: InferenceSession.SessionOptions;
  readonly opened: TrainablePackage;
  /** The bytes of a file, called once each. */
  readonly fileOf: (role: GraphRole) => Uint8Array;
}

const [inputPrefix, nextPrefix, outputPrefix] = [
  graphNames.input(''),
  graphNames.next(''),
  graphNames.output(''),
];

/** The sessions; each is opened at its first run. */
export class OnnxDevice implements StateDevice {
  readonly #options: OnnxDeviceOptions;
  readonly #state = new Map<string, Tensor>();
  readonly #sessions = new Map<GraphRole, InferenceSession>();

  constructor(options: OnnxDeviceOptions) {
    this.#options = options;
  }

  write(entries: FloatTensors): void {
    for (const [name, tensor] of Object.entries(entries)) this.#set(name, this.#tensorOf(tensor));
  }

  async read(): Promise<Record<string, FloatTensor>> {
    const state: Record<string, FloatTensor> = {};
    for (const [name, tensor] of this.#state) state[name] = await floatsOf(tensor);
    return state;
  }

  async run(role: GraphRole, inputs: FloatTensors): Promise<Record<string, FloatTensor>> {
    const session = this.#sessions.get(role) ?? (await this.#open(role));
    const feeds: Record<string, Tensor> = {};
    for (const name of session.inputNames) {
      if (!name.startsWith(inputPrefix)) feeds[name] = this.#state.get(name)!;
      else {
        const own = inputs[name.slice(inputPrefix.length)];
        if (own === undefined) throw new RangeError(`${role}: nothing is drawn for its input ${name}`);
        feeds[name] = this.#tensorOf(own);
      }
    }
    const outputs: Record<string, FloatTensor> = {};
    for (const [name, tensor] of Object.entries(await session.run(feeds))) {
      if (name.startsWith(nextPrefix)) this.#set(name.slice(nextPrefix.length), tensor);
      else outputs[name.slice(outputPrefix.length)] = await floatsOf(tensor);
    }
    return outputs;
  }

  async dispose(): Promise<void> {
    for (const session of this.#sessions.values()) await session.release();
    this.#sessions.clear();
    for (const tensor of this.#state.values()) tensor.dispose();
    this.#state.clear();
  }

  #set(name: string, tensor: Tensor): void {
    const before = this.#state.get(name);
    this.#state.set(name, tensor);
    if (before?.location === 'gpu-buffer') before.dispose();
  }

  #tensorOf({ data, shape }: FloatTensor): Tensor {
    return new this.#options.runtime.Tensor('float32', data, shape);
  }

  async #open(role: GraphRole): Promise<InferenceSession> {
    const { runtime, isOnGpu, session: options, opened, fileOf } = this.#options;
    const bytes = fileOf(role);
    let session = await runtime.InferenceSession.create(bytes, options);
    if (isOnGpu && session.outputNames.some((name) => name.startsWith(nextPrefix))) {
      // The names of the outputs are known only now.
      const locations = session.outputNames.map((name): [string, Tensor.DataLocation] => [
        name,
        name.startsWith(nextPrefix) ? 'gpu-buffer' : 'cpu',
      ]);
      await session.release();
      session = await runtime.InferenceSession.create(bytes, {
        ...options,
        preferredOutputLocation: Object.fromEntries(locations) as Record<string, Tensor.DataLocation>,
      });
    }
    try {
      checkSession(role, session, opened);
    } catch (error) {
      await session.release();
      throw error;
    }
    this.#sessions.set(role, session);
    return session;
  }
}

async function floatsOf(tensor: Tensor): Promise<FloatTensor> {
  const data = (await (tensor as TypedTensor<'float32'>).getData()) as Float32Array;
  return { dtype: 'float32', shape: tensor.dims, data };
}

/** Throws ModelFormatError for a session with other values than the record has. */
function checkSession(
  role: GraphRole,
  { inputMetadata, outputMetadata }: InferenceSession,
  { name: of, trainable }: TrainablePackage,
): void {
  const shapes = new Map(trainable.state.map(({ name, shape }) => [name, shape.join()]));
  const check = (value: InferenceSession.ValueMetadata, expected: string | undefined): void => {
    const got = value.isTensor ? `${value.type} [${value.shape.join()}]` : 'no tensor';
    if (expected !== undefined && got === `float32 [${expected}]`) return;
    throw new ModelFormatError(
      `${of}: ${role}: '${value.name}' is ${got}, expected ${
        expected === undefined ? 'an entry of the state' : `float32 [${expected}]`
      } by its model.json; export the package again`,
    );
  };
  for (const value of inputMetadata)
    if (!value.name.startsWith(inputPrefix)) check(value, shapes.get(value.name));
  for (const value of outputMetadata) {
    if (value.name.startsWith(nextPrefix)) check(value, shapes.get(value.name.slice(nextPrefix.length)));
    else if (!value.name.startsWith(outputPrefix)) check(value, undefined);
  }
}
