// A feature network: any ONNX file with a sidecar, run by ONNX Runtime on the processor.
import { createHash } from 'node:crypto';
import { availableParallelism } from 'node:os';
import type { InferenceSession } from 'onnxruntime-node';
import * as ort from 'onnxruntime-node';
import {
  lengthOf,
  sizeText,
  square,
  type ImageShape,
  type ImageSize,
} from '../../runtime-web/format/image-shape.ts';
import { ModelFormatError } from '../../runtime-web/format/model-format-error.ts';
import { floatResampler, wholeResampler } from '../data/resample.ts';
import { openSession } from '../engine/onnx-session.ts';
import { UserError } from '../errors.ts';
import { maxNetworkBytes, maxTextBytes, readRegular } from '../files/regular-file.ts';
import { checkNetwork } from '../model-package/check-network.ts';
import cifarResnet from './networks/cifar-resnet56.json' with { type: 'json' };
import squeezenet from './networks/squeezenet1.1.json' with { type: 'json' };
import type { LayerTaps } from './perceptual-distance.ts';
import { parseSidecar, type Sidecar } from './sidecar.ts';

/** The outputs of a network for some images. */
export interface Extracted {
  /** [n, dim] */
  readonly features: Float32Array;
  /** [n, classes]; null if the network has none, or they were not requested. */
  readonly logits: Float32Array | null;
  /** Layer activations for perceptual distances; empty if not requested. */
  readonly layers: readonly LayerTaps[];
}

/** An opened network; dispose of it. */
export interface FeatureNetwork {
  readonly sidecar: Sidecar;
  /** True for the network that is included in this program. */
  readonly isEmbedded: boolean;
  readonly dim: number;
  /** 0 without logits. */
  readonly classes: number;
  /**
   * Bytes [n, height, width, channels], premultiplied with 4 channels, → outputs. Alpha is put on white. Floats in [0, 255] are accepted too, for differences that rounding would
   * hide. Throws UserError for features that are not finite.
   */
  extract(
    pixels: Uint8Array | Float32Array,
    images: ImageBatch,
    want?: { readonly layers?: boolean },
  ): Promise<Extracted>;
  dispose(): Promise<void>;
}

/** The name that stands beside each figure; a Fréchet distance by the embedded network is not to be taken for an FID. */
export function networkLabel(
  { sidecar: { name }, isEmbedded }: Pick<FeatureNetwork, 'sidecar' | 'isEmbedded'>,
  { isFrechet }: { readonly isFrechet: boolean },
): string {
  return isEmbedded && isFrechet ? `${name}, no FID` : name;
}

/** Number and shape of images. */
export interface ImageBatch extends ImageShape {
  readonly count: number;
}

/** Side of the images that a network of any size is tried with. */
const probeSize = 64;

const shipped: readonly unknown[] = [squeezenet, cifarResnet];

/**
 * Opens the network in `path`, with the sidecar beside it or the one that this program includes; null opens the embedded
 * network. Throws UserError for a file that is not a network, has no sidecar, or has other outputs than the sidecar says.
 */
export async function openFeatureNetwork(path: string | null): Promise<FeatureNetwork> {
  if (path === null) {
    const { embeddedNetwork } = await import('./networks/embedded.ts');
    const sidecar = parseSidecar(embeddedNetwork.sidecar, 'the embedded network');
    return { ...(await open(embeddedNetwork.bytes, sidecar, 'the embedded network')), isEmbedded: true };
  }
  const bytes = await readRegular(path, maxNetworkBytes).catch((error: NodeJS.ErrnoException) => {
    const why = error.code === 'ENOENT' ? 'there is no such file' : error.message;
    throw new UserError(`--network ${path}: ${why}; expected an ONNX file`);
  });
  return open(bytes, await findSidecar(path, bytes), path);
}

async function findSidecar(path: string, bytes: Uint8Array): Promise<Sidecar> {
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const beside = path.replace(/\.onnx$/i, '') + '.json';
  const text = await readRegular(beside, maxTextBytes).catch(() => null);
  try {
    if (text !== null) {
      const sidecar = parseSidecar(JSON.parse(text.toString()), beside);
      if (sidecar.sha256 === sha256) return sidecar;
      throw new UserError(
        `${beside}: is for a network with sha256 ${sidecar.sha256}, and ${path} has ${sha256}; correct it if the network is the right one`,
      );
    }
    for (const json of shipped) {
      const sidecar = parseSidecar(json, 'a sidecar of this program');
      if (sidecar.sha256 === sha256) return sidecar;
    }
  } catch (error) {
    if (error instanceof ModelFormatError) throw new UserError(error.message);
    if (error instanceof SyntaxError)
      throw new UserError(`${beside}: not JSON, expected a sidecar; see docs/reference/evaluate.md`);
    throw error;
  }
  throw new UserError(
    `--network ${path}: is not known here and has no sidecar; write ${beside}, which names its input and output (docs/reference/evaluate.md)`,
  );
}

async function open(bytes: Uint8Array, sidecar: Sidecar, where: string): Promise<FeatureNetwork> {
  const threads = Math.min(8, availableParallelism());
  const refuse = (error: Error): never => {
    throw new UserError(`--network ${where}: cannot be run: ${error.message.split('\n')[0]}`);
  };
  await checkNetwork(bytes).catch(refuse);
  const session = await openSession(bytes, { provider: 'cpu', threads }).catch(refuse);
  const { input, outputs } = sidecar;
  const names = [outputs.features, ...(outputs.logits === null ? [] : [outputs.logits])];
  for (const [what, name, there] of [
    ['input', input.name, session.inputNames] as const,
    ...[...names, ...outputs.layers].map((name) => ['output', name, session.outputNames] as const),
  ]) {
    if (there.includes(name)) continue;
    throw new UserError(
      `--network ${where}: has no ${what} '${name}', which its sidecar names (it has: ${there.join(', ')})`,
    );
  }
  let resampler: { readonly shape: string; readonly resize: Resize } | null = null;
  const prepare = (pixels: Uint8Array | Float32Array, images: ImageBatch): Float32Array => {
    const isFloat = pixels instanceof Float32Array;
    const shape = `${sizeText(images)} ${images.channels} ${isFloat}`;
    if (resampler?.shape !== shape) resampler = { shape, resize: resizerOf(sidecar, images, isFloat) };
    return networkInput(pixels, images, sidecar, resampler.resize);
  };
  const run = async (data: Float32Array, images: ImageSize, count: number, wanted: readonly string[]) => {
    const { width, height } = inputSize(sidecar, images);
    const dims = input.layout === 'nchw' ? [count, 3, height, width] : [count, height, width, 3];
    return session.run({ [input.name]: new ort.Tensor('float32', data, dims) }, [...wanted]);
  };
  // Checks the outputs on two black images first, because extraction can take hours.
  const probed = square(input.size ?? probeSize);
  const black = new Float32Array(2 * 3 * probed.width ** 2);
  const probe = await run(black, probed, 2, [...names, ...outputs.layers]).catch((error: Error) => {
    throw new UserError(
      `--network ${where}: does not run on the input that its sidecar describes: ${error.message.split('\n')[0]}`,
    );
  });
  const columns = (name: string): number => {
    const { dims, type } = probe[name]!;
    if (type === 'float32' && dims.length === 2 && dims[0] === 2) return dims[1]!;
    throw new UserError(
      `--network ${where}: output '${name}' is ${type} [${dims.join(', ')}] for two images, expected float32 [2, number of features]`,
    );
  };
  for (const name of outputs.layers) {
    const { dims, type } = probe[name]!;
    if (type === 'float32' && dims.length === 4 && dims[0] === 2) continue;
    throw new UserError(
      `--network ${where}: layer '${name}' is ${type} [${dims.join(', ')}] for two images, expected float32 with four dimensions`,
    );
  }
  return {
    sidecar,
    isEmbedded: false,
    dim: columns(outputs.features),
    classes: outputs.logits === null ? 0 : columns(outputs.logits),
    async extract(pixels, images, { layers = false } = {}) {
      if (images.channels === 1 && input.grey === 'refuse') {
        throw new UserError(`${sidecar.name} does not take grey images ("grey": "refuse" in its sidecar)`);
      }
      const wanted = layers ? [...names, ...outputs.layers] : names;
      const found = await run(prepare(pixels, images), images, images.count, wanted);
      const features = found[outputs.features]!.data as Float32Array;
      if (!features.every(Number.isFinite)) {
        throw new UserError(
          `${sidecar.name} returns features that are not finite numbers; does its sidecar describe it correctly?`,
        );
      }
      return {
        features,
        logits: outputs.logits === null ? null : (found[outputs.logits]!.data as Float32Array),
        layers: layers ? outputs.layers.map((name) => tapsOf(found[name]!, input.layout)) : [],
      };
    },
    dispose: () => (session as InferenceSession).release(),
  };
}

/** Resizes one image to the network's size. */
type Resize = (image: Uint8Array | Float32Array) => Uint8Array | Float32Array;

/** The size at which images go into the network. Its images are squares where it has a size, and others are stretched. */
function inputSize({ input: { size } }: Sidecar, images: ImageSize): ImageSize {
  return size === null ? images : square(size);
}

function resizerOf(sidecar: Sidecar, images: ImageShape, isFloat: boolean): Resize {
  const { resize } = sidecar.input;
  if (resize === 'network') return (image) => image;
  const to = inputSize(sidecar, images);
  if (resize === 'cubic' && !isFloat) return wholeResampler(images, to) as Resize;
  const resample = floatResampler(images, to);
  if (resize === 'cubic') return resample as Resize;
  // As clean-fid has it, values that the filter brings beyond black and white are clipped.
  return (image) => resample(Float32Array.from(image)).map((value) => Math.min(255, Math.max(0, value)));
}

/** Converts bytes to the network's input: resized, three channels, in its range and layout. */
function networkInput(
  pixels: Uint8Array | Float32Array,
  images: ImageBatch,
  sidecar: Sidecar,
  resize: Resize,
): Float32Array {
  const { count, channels } = images;
  const { layout, range } = sidecar.input;
  const { width, height } = inputSize(sidecar, images);
  const length = lengthOf(images);
  const places = width * height;
  const data = new Float32Array(count * 3 * places);
  const [min, max] = range;
  const scale = (max - min) / 255;
  for (let i = 0; i < count; i++) {
    const image = resize(pixels.subarray(i * length, (i + 1) * length));
    const to = i * 3 * places;
    for (let p = 0; p < places; p++) {
      const behind = channels === 4 ? 255 - image[p * 4 + 3]! : 0;
      for (let c = 0; c < 3; c++) {
        const value = min + scale * (image[p * channels + (channels === 1 ? 0 : c)]! + behind);
        data[to + (layout === 'nchw' ? c * places + p : p * 3 + c)] = value;
      }
    }
  }
  return data;
}

/** A layer's activations in channels-first order, for either layout. */
function tapsOf({ data, dims }: ort.Tensor, layout: 'nchw' | 'nhwc'): LayerTaps {
  const values = data as Float32Array;
  const [count, ...rest] = dims as [number, number, number, number];
  if (layout === 'nchw') return { channels: rest[0], places: rest[1] * rest[2], data: values };
  const [places, channels] = [rest[0] * rest[1], rest[2]];
  const transposed = new Float32Array(values.length);
  for (let i = 0; i < count; i++) {
    for (let p = 0; p < places; p++) {
      for (let c = 0; c < channels; c++) {
        transposed[(i * channels + c) * places + p] = values[(i * places + p) * channels + c]!;
      }
    }
  }
  return { channels, places, data: transposed };
}
