// Imports PyTorch's state dicts: writes a run, and its model package.
import { sizeText } from '../../../runtime-web/format/image-shape.ts';
import { imageShape } from '../../config/image-size.ts';
import { resolve } from 'node:path';
import { oneOf, someText } from '../../config/rules.ts';
import { shownPath } from '../../command-line/outputs.ts';
import { grouped, option } from '../../command-line/options.ts';
import { selectEngine } from '../../engine/select-engine.ts';
import { UserError } from '../../errors.ts';
import { exportRun } from '../../export/export-run.ts';
import { held } from '../../held.ts';
import { architectures, importRun } from '../../import-pytorch/import-run.ts';
import type { ImportFormat } from './import-format.ts';
import { importInceptionWeights, inceptionArchitecture, resizeOption } from './inception.ts';

const options = grouped("For PyTorch's weights", [
  option(
    '--architecture <name>',
    `the network of the state dict: '${architectures[0]}' is the one of pytorch/examples dcgan; '${inceptionArchitecture}' makes a feature ` +
      'network for evaluate, by which a Fréchet distance is FID; its --out is an .onnx file',
    oneOf(...architectures, inceptionArchitecture),
  ),
  option(
    '--discriminator <file>',
    "state dict of the discriminator; without it the run's discriminator starts with random weights",
    someText,
  ),
  resizeOption,
]);

/** State dicts of PyTorch, for `dcgan import`. */
export const pytorchFormat: ImportFormat = {
  title: 'PyTorch',
  endings: ['.pth', '.pt', '.safetensors'],
  options,
  examples: [
    'netG.pth --architecture pytorch-dcgan --discriminator netD.pth --out runs/mine',
    `pt_inception-2015-12-05-6726825d.pth --architecture ${inceptionArchitecture} --out inception.onnx`,
  ],
  async run(files, flags, context) {
    const { cwd, invocation, print, warn, signal } = context;
    const architecture = flags['architecture'] as
      (typeof architectures)[number] | typeof inceptionArchitecture | null;
    const discriminator = flags['discriminator'] as string | null;
    if (architecture === null) {
      throw new UserError(
        `${files[0]}: a state dict does not say which network it is of; give --architecture ${[...architectures, inceptionArchitecture].join(' or ')}, ` +
          'or for another network export it with torch.onnx.export and import the .onnx file',
      );
    }
    if (architecture === inceptionArchitecture) return await importInceptionWeights(files, flags, context);
    if (flags['resize'] !== null) {
      throw new UserError(`--resize: is for --architecture ${inceptionArchitecture}; leave it out`);
    }
    if (files.length > 1) {
      throw new UserError(`${files.slice(1).join(', ')}: expected one file; give netD with --discriminator`);
    }
    if (flags.name !== null) {
      throw new UserError(
        `--name ${flags.name}: a run's model is called as its folder; give --out with that name`,
      );
    }
    const out = resolve(cwd, flags.out);
    const { folder, checkpoint } = await importRun({
      architecture,
      generator: files[0]!,
      discriminator: discriminator && resolve(cwd, discriminator),
      out,
    });
    const { config } = checkpoint.metadata;
    await using engine = held((await selectEngine(config)).engine);
    const onProgress = (message: string): void =>
      print(flags.json ? JSON.stringify({ event: 'importing', message }) : message);
    const exported = await exportRun({ folder, checkpoint, engine, signal, onProgress });
    for (const warning of exported.warnings) warn(`warning: ${warning}`);
    if (flags.json) {
      print(
        JSON.stringify({
          event: 'done',
          run: folder.path,
          model: exported.folder,
          warnings: exported.warnings,
        }),
      );
      return;
    }
    const run = shownPath(cwd, folder.path);
    const { channels, baseWidth, latent } = config;
    print(
      `networks  images of ${sizeText(imageShape(config))}x${channels}, latent of ${latent}, base width ${baseWidth}`,
    );
    print(
      `run       ${run} (${discriminator === null ? 'its discriminator starts with random weights' : 'with its discriminator'})`,
    );
    print(`model     ${shownPath(cwd, exported.folder)}`);
    print(`next      ${invocation('sample')} ${run}`);
    print(`          ${invocation('train')} --resume ${run} --data IMAGES`);
  },
};
