// Imports ONNX files: a generator, or the mapping and synthesis networks of a style-based one.
import { basename, extname, resolve } from 'node:path';
import type { LatentDistribution } from '../../../runtime-web/format/random.ts';
import { option, repeatedOption, grouped, type FlagsOf } from '../../command-line/options.ts';
import { shownPath } from '../../command-line/outputs.ts';
import { oneOf, someText, wholeNumber } from '../../config/rules.ts';
import { UserError } from '../../errors.ts';
import type { ImageLayout, ImageRange } from '../../import-onnx/find-image.ts';
import { importOnnx } from '../../import-onnx/import-onnx.ts';
import type { Answers } from '../../import-onnx/source.ts';
import type { ImportFormat } from './import-format.ts';

const distributions = oneOf('normal', 'uniform');

const options = grouped('For ONNX files, where they do not say', [
  option('--distribution <name>', 'distribution of the latent in training', distributions, 'normal'),
  option('--latent <n>', 'size of the latent', wholeNumber(1, 65536)),
  option('--latent-input <name>', 'the input that takes the latent', someText),
  option('--classes <list>', 'names of the classes, separated by commas, or their number', someText),
  option('--image-output <name>', 'the output that gives the image', someText),
  option('--layout <name>', 'order of the axes of the image', oneOf('nchw', 'nhwc')),
  option('--range <name>', 'values of black and white in the image', oneOf('-1..1', '0..1', '0..255')),
  repeatedOption(
    '--set <name=number>',
    'value of another input, such as psi=1; may be given several times',
    someText,
  ),
]);
type OnnxFlags = FlagsOf<typeof options>;

/** ONNX files, for `dcgan import`. */
export const onnxFormat: ImportFormat = {
  title: 'ONNX',
  endings: ['.onnx'],
  options,
  examples: [
    'netG.onnx --out models/netG',
    'generator.onnx --out models/digits --distribution uniform --classes 10',
    'mapping.onnx synthesis.onnx --out models/faces --set psi=0.7',
  ],
  async run(files, flags, context) {
    const { cwd, print, warn, signal } = context;
    const [first] = files as [string];
    const imported = await importOnnx({
      paths: files,
      answers: answersOf(flags as unknown as OnnxFlags),
      name: flags.name ?? basename(first, extname(first)),
      out: resolve(cwd, flags.out),
      signal,
      onProgress: (message) => {
        if (flags.json) print(JSON.stringify({ event: 'importing', message }));
        else print(message);
      },
    });
    const { folder, model, warnings } = imported;
    for (const warning of warnings) warn(`warning: ${warning}`);
    if (flags.json) return print(JSON.stringify({ event: 'done', model: folder, warnings }));
    const { latent, width, height, channels, origin } = model;
    const settings = Object.entries(origin!.settings).map(([key, value]) => `${key} ${value}`);
    print(`read as   ${settings.join(', ')}`);
    print(
      `model     ${shownPath(cwd, folder)} (${model.name}, ${latent.dim} numbers to ${width}x${height}x${channels})`,
    );
  },
};

function answersOf(flags: OnnxFlags): Answers {
  const names = flags.classes === null ? null : classNames(flags.classes);
  return {
    distribution: flags.distribution satisfies LatentDistribution,
    latent: flags.latent,
    latentInput: flags.latentInput,
    classCount: names?.count ?? null,
    classNames: names?.names ?? null,
    imageOutput: flags.imageOutput,
    layout: flags.layout satisfies ImageLayout | null,
    range: flags.range satisfies ImageRange | null,
    set: new Map(flags.set.map(parseSetting)),
  };
}

/** `shirt,shoe`, or a number of classes without names. */
function classNames(text: string): { readonly names: readonly string[] | null; readonly count: number } {
  if (/^\d+$/.test(text.trim())) return { names: null, count: Number(text) };
  const names = text.split(',').map((name) => name.trim());
  if (names.includes('') || new Set(names).size < names.length) {
    throw new UserError(`--classes ${text}: expected different names, separated by commas, or a number`);
  }
  return { names, count: names.length };
}

function parseSetting(text: string): readonly [string, number] {
  const at = text.lastIndexOf('=');
  const value = text.slice(at + 1).trim();
  if (at > 0 && value !== '' && Number.isFinite(Number(value))) return [text.slice(0, at), Number(value)];
  throw new UserError(`--set ${text}: expected an input's name, =, and a number`);
}
