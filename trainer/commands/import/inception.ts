// Imports Inception v3's weights as a feature network of `evaluate`.
import { basename, resolve } from 'node:path';
import type { CommandContext } from '../../command-line/context.ts';
import { option } from '../../command-line/options.ts';
import { shownPath } from '../../command-line/outputs.ts';
import { oneOf } from '../../config/rules.ts';
import { UserError } from '../../errors.ts';
import { importInception } from '../../import-pytorch/import-inception.ts';
import { inceptionResizes, type InceptionResize } from '../../import-pytorch/inception-network.ts';
import type { ImportFlags } from './import-format.ts';

/** The value of `--architecture`. */
export const inceptionArchitecture = 'inception-v3';

/** The option for the way in which images come to the network's size. */
export const resizeOption = option(
  '--resize <name>',
  `for ${inceptionArchitecture}: '${inceptionResizes.join("', '")}', for FID as torch-fidelity (the paper's), pytorch-fid or clean-fid; ` +
    `by default ${inceptionResizes[0]}`,
  oneOf(...inceptionResizes),
);

/** Writes the network and its sidecar. Throws UserError for weights or flags that do not fit, with nothing written. */
export async function importInceptionWeights(
  files: readonly string[],
  flags: ImportFlags,
  { cwd, invocation, print }: CommandContext,
): Promise<void> {
  const [weights, ...more] = files as [string];
  if (more.length > 0) throw new UserError(`${more.join(', ')}: expected one file of weights`);
  for (const [flag, value] of Object.entries({
    '--discriminator': flags['discriminator'],
    '--name': flags.name,
  })) {
    if (value !== null)
      throw new UserError(`${flag}: has no effect with ${inceptionArchitecture}; leave it out`);
  }
  const out = resolve(cwd, flags.out);
  if (!/\.onnx$/i.test(out)) {
    throw new UserError(`--out ${flags.out}: expected the name of an .onnx file, such as inception.onnx`);
  }
  const { sidecar, path } = await importInception({
    ...{ weights, out },
    resize: (flags['resize'] as InceptionResize | null) ?? inceptionResizes[0],
  });
  if (flags.json)
    return print(JSON.stringify({ event: 'done', network: out, sidecar: path, name: sidecar.name }));
  print(`network   ${shownPath(cwd, out)} (${sidecar.name}), with ${basename(path)} beside it`);
  print(`next      ${invocation('evaluate')} RUN --network ${shownPath(cwd, out)} --count 10000`);
}
