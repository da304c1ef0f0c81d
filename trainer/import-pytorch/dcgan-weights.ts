// The networks of pytorch/examples `dcgan`, which are this program's `dcgan` with a convolutional head and kernels of 4: names and shapes
// of their state dicts, and their tensors under this program's names. Modules are numbered in nn.Sequential: convolutions, batch norms
// and activations in turn. Both networks pad as we do, and both use ε = 1e-5 in batch norm.
import { square } from '../../runtime-web/format/image-shape.ts';
import { UserError } from '../errors.ts';
import type { NamedHostTensors } from '../engine/engine.ts';
import { discriminatorBlocks } from '../networks/discriminator.ts';
import { generatorBlocks } from '../networks/generator.ts';
import { statisticNames } from '../networks/statistic-names.ts';
import type { HostTensor } from '../graph/trace/graph.ts';
import type { FileTensor } from './weight-file.ts';

/** The sizes that the tensors tell. */
export interface DcganSizes {
  /** Side of the images: 4 doubled by each convolution but the first. */
  readonly imageSize: number;
  /** nc. */
  readonly channels: 1 | 3;
  /** ngf, and ndf. */
  readonly baseWidth: number;
  /** nz. */
  readonly latent: number;
}

/** A state dict with the path of its file, for messages. */
export interface StateDict {
  readonly path: string;
  readonly tensors: ReadonlyMap<string, FileTensor>;
}

/** A tensor of a state dict, and the entry of our state that it becomes. */
interface Entry {
  /** Without the prefix: `3.weight`. */
  readonly key: string;
  /** Its shape in PyTorch. */
  readonly shape: readonly number[];
  readonly name: string;
}

const remedy = 'export the generator with torch.onnx.export and import the .onnx file';
const kernel = 4;

/**
 * The generator's sizes, and its tensors by this program's names: parameters, and batch norm's statistics. Throws UserError for
 * tensors that are missing, left over, of another shape or not finite.
 */
export async function readGenerator(
  dict: StateDict,
): Promise<{ readonly sizes: DcganSizes; readonly tensors: NamedHostTensors }> {
  const layers = layersOf(dict);
  const sizes = sizesOf(layers, dict.path);
  const entries: Entry[] = [];
  const names = ['generator/project', ...generatorBlocks(optionsOf(sizes)).map(({ name }) => name)];
  const widths = [sizes.latent, ...generatorBlocks(optionsOf(sizes)).map(({ from }) => from), sizes.channels];
  for (const [i, name] of names.entries()) {
    const [from, to] = [widths[i]!, widths[i + 1]!];
    entries.push({ key: `${3 * i}.weight`, shape: [from, to, kernel, kernel], name: `${name}/kernel` });
    if (i === names.length - 1) continue;
    entries.push(
      ...normEntries(3 * i + 1, to, name),
      { key: `${3 * i + 1}.running_mean`, shape: [to], name: statisticNames.mean(name) },
      { key: `${3 * i + 1}.running_var`, shape: [to], name: statisticNames.variance(name) },
    );
  }
  const tensors = await readEntries(layers, entries, dict.path);
  const negative = entries.find(
    ({ key, name }) =>
      key.endsWith('running_var') && tensors[name]!.data.some((variance: number) => variance < 0),
  );
  if (negative !== undefined) {
    throw new UserError(
      `${dict.path}: ${layers.shown(negative.key)} has a negative variance; is the file damaged?`,
    );
  }
  return { sizes, tensors };
}

/** The tensors of a discriminator for a generator of `sizes`. Throws UserError as {@link readGenerator} does, and for other sizes. */
export async function readDiscriminator(dict: StateDict, sizes: DcganSizes): Promise<NamedHostTensors> {
  const layers = layersOf(dict);
  if (layers.get('3.weight')?.shape.length === 4) {
    throw new UserError(`${dict.path}: these are a generator's weights, expected a discriminator's`);
  }
  const [width, channels] = layers.get('0.weight')?.shape ?? [];
  const blocks = discriminatorBlocks({ ...optionsOf(sizes), discriminatorNorm: 'batch' });
  const head = 3 * blocks.length - 1;
  const isAsDeep = layers.get(`${head}.weight`)?.shape[0] === 1;
  if (width !== sizes.baseWidth || channels !== sizes.channels || !isAsDeep) {
    throw new UserError(
      `${dict.path}: not a discriminator of the generator's sizes (images of ${sizes.imageSize}x${sizes.imageSize}x${sizes.channels}, ` +
        `width ndf ${sizes.baseWidth}): its first convolution is ${shapeText(layers.get('0.weight')?.shape)}; ` +
        'leave --discriminator out, and the run begins with a new one',
    );
  }
  const entries: Entry[] = [];
  for (const [i, { name, from, to, isNormalised }] of blocks.entries()) {
    const index = i === 0 ? 0 : 3 * i - 1;
    entries.push({ key: `${index}.weight`, shape: [to, from, kernel, kernel], name: `${name}/kernel` });
    if (isNormalised) entries.push(...normEntries(index + 1, to, name));
  }
  const last = blocks.at(-1)!.to;
  entries.push({
    key: `${head}.weight`,
    shape: [1, last, kernel, kernel],
    name: 'discriminator/logit/kernel',
  });
  return await readEntries(layers, entries, dict.path);
}

function normEntries(index: number, channels: number, name: string): readonly Entry[] {
  return [
    { key: `${index}.weight`, shape: [channels], name: `${name}/scale` },
    { key: `${index}.bias`, shape: [channels], name: `${name}/offset` },
  ];
}

/** The options of our networks. */
function optionsOf({ imageSize, ...sizes }: DcganSizes) {
  return { ...sizes, ...square(imageSize), kernel, upsampling: 'transposed', head: 'convolutional' } as const;
}

/** A state dict's tensors without the prefix in front of the modules' numbers. */
interface Layers {
  get(key: string): FileTensor | undefined;
  readonly keys: readonly string[];
  /** A key with its prefix. */
  shown(key: string): string;
}

/** Removes the prefix, such as `main.`, or `module.main.` of nn.DataParallel. Throws UserError for other names. */
function layersOf({ path, tensors }: StateDict): Layers {
  const named = [...tensors].map(([name, tensor]) => {
    const [, prefix = '', key] =
      /^(.*\.)?(\d+\.(?:weight|bias|running_mean|running_var|num_batches_tracked))$/.exec(name) ?? [];
    return { name, prefix, key, tensor };
  });
  const stranger = named.find(({ key }) => key === undefined);
  const prefixes = [...new Set(named.map(({ prefix }) => prefix))];
  if (stranger !== undefined || prefixes.length !== 1) {
    throw new UserError(
      stranger === undefined && prefixes.length > 1
        ? `${path}: its layers lie in several modules (${prefixes.slice(0, 6).join(', ')}), expected one, as in pytorch/examples' dcgan; ` +
            `of several networks save the generator's state dict alone; for another architecture, ${remedy}`
        : `${path}: has ${stranger === undefined ? 'no tensors' : `the tensor '${stranger.name}'`}, expected names as in ` +
            `pytorch/examples' dcgan, such as main.0.weight; for another architecture, ${remedy}`,
    );
  }
  const byKey = new Map(named.map(({ key, tensor }) => [key!, tensor]));
  return {
    get: (key) => byKey.get(key),
    keys: [...byKey.keys()],
    shown: (key) => `${prefixes[0]}${key}`,
  };
}

/** The sizes, from the number of convolutions and the shapes of the first and the last. */
function sizesOf(layers: Layers, path: string): DcganSizes {
  if (layers.get('2.weight')?.shape.length === 4) {
    throw new UserError(
      `${path}: these are a discriminator's weights, expected a generator's; give netG, and netD with --discriminator`,
    );
  }
  const convolutions = layers.keys.filter(
    (key) => key.endsWith('.weight') && layers.get(key)!.shape.length === 4,
  ).length;
  const [first, last] = [layers.get('0.weight'), layers.get(`${3 * (convolutions - 1)}.weight`)];
  const [latent, baseWidth, channels] = [first?.shape[0], last?.shape[0], last?.shape[1]];
  const isNumbered = latent !== undefined && baseWidth !== undefined && last?.shape.length === 4;
  if (!isNumbered || convolutions < 3 || convolutions > 7) {
    throw new UserError(
      `${path}: has ${convolutions} convolutions, expected 3 to 7 (images of 16x16 to 256x256), numbered 0, 3, 6, … as in ` +
        `pytorch/examples' dcgan; for another architecture, ${remedy}`,
    );
  }
  if (channels !== 1 && channels !== 3) {
    throw new UserError(`${path}: its images have ${channels} channels, expected 1 or 3`);
  }
  return { imageSize: 4 * 2 ** (convolutions - 1), channels, baseWidth, latent };
}

/** Reads the entries and checks that nothing else is there. */
async function readEntries(
  layers: Layers,
  entries: readonly Entry[],
  path: string,
): Promise<NamedHostTensors> {
  for (const { key, shape } of entries) {
    const got = shapeText(layers.get(key)?.shape);
    if (got === shapeText(shape)) continue;
    throw new UserError(
      `${path}: ${layers.shown(key)} is ${got}, expected ${shapeText(shape)} as in pytorch/examples' dcgan of these sizes; ` +
        `for another architecture, ${remedy}`,
    );
  }
  const expected = new Set(entries.map(({ key }) => key));
  const isUnused = (key: string): boolean => /\.(num_batches_tracked|running_mean|running_var)$/.test(key);
  const extra = layers.keys.find((key) => !expected.has(key) && !isUnused(key));
  if (extra !== undefined) {
    throw new UserError(
      `${path}: has ${layers.shown(extra)}, which pytorch/examples' dcgan has not; for another architecture, ${remedy}`,
    );
  }
  const tensors: Record<string, HostTensor> = {};
  for (const { key, shape, name } of entries) {
    const data = await layers.get(key)!.read();
    if (!data.every(Number.isFinite)) {
      throw new UserError(
        `${path}: ${layers.shown(key)} holds a number that is not finite; take weights from before training diverged`,
      );
    }
    tensors[name] = shape.length === 4 ? spatialFirst(data, shape) : { shape, dtype: 'float32', data };
  }
  return tensors;
}

/** A kernel [a, b, height, width] as [height, width, b, a]: PyTorch's order of both kinds of convolution becomes ours. */
function spatialFirst(data: Float32Array, shape: readonly number[]): HostTensor {
  const [a, b, height, width] = shape as [number, number, number, number];
  const area = height * width;
  const moved = new Float32Array(data.length);
  for (let i = 0; i < a; i++) {
    for (let j = 0; j < b; j++) {
      for (let at = 0; at < area; at++) moved[(at * b + j) * a + i] = data[(i * b + j) * area + at]!;
    }
  }
  return { shape: [height, width, b, a], dtype: 'float32', data: moved };
}

function shapeText(shape: readonly number[] | undefined): string {
  return shape === undefined ? 'missing' : `[${shape.join(', ')}]`;
}
