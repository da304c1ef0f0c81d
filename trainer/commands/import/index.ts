// `dcgan import`: makes a model package, or a run, of a network that was trained elsewhere. The ending of the file decides how it is read.
import { extname, resolve } from 'node:path';
import type { Command } from 'commander';
import type { CommandContext } from '../../command-line/context.ts';
import { addOptions, option, refuseOptions, requiredOption, toggle } from '../../command-line/options.ts';
import { someText } from '../../config/rules.ts';
import { UserError } from '../../errors.ts';
import type { ImportFlags, ImportFormat } from './import-format.ts';
import { onnxFormat } from './onnx.ts';
import { pytorchFormat } from './pytorch.ts';

const formats: readonly ImportFormat[] = [onnxFormat, pytorchFormat];

const sharedOptions = [
  requiredOption('--out <folder>', 'folder to write', someText),
  option('--name <text>', "name of the model; by default the file's", someText),
  toggle('--json', 'print JSON lines only; the last one has the path of the package'),
];

/** Adds `import` to the program. */
export function addImportCommand(program: Command, context: CommandContext): void {
  const command = program
    .command('import')
    .summary('Turn a generator that was trained elsewhere into a model package.')
    .description(
      'Turn a generator that was trained elsewhere into a model package.\n\n' +
        "PyTorch's weights of a DCGAN become a run, which has a model package and can be trained on. Of an ONNX file " +
        'the inputs, the image and the range of its values are found by looking at the file and by running it; an option answers what ' +
        'the file leaves open. Every file that is written runs on onnxruntime-node and on onnxruntime-web (WASM), and its images must ' +
        'match those of the untouched file.',
    )
    .argument(
      '<files...>',
      formats.map(({ title, endings }) => `${title}: ${endings.join(', ')}`).join('; '),
    );
  const call = context.invocation('import');
  const examples = formats.flatMap(({ examples: list = [] }) => list.map((args) => `  ${call} ${args}`));
  addOptions(command, [...sharedOptions, ...formats.flatMap(({ options }) => options)])
    .addHelpText('after', `\nExamples:\n${examples.join('\n')}`)
    .action(async (files: readonly string[], flags: ImportFlags) => {
      const format = formatOf(files);
      for (const { title, options } of formats.filter((other) => other !== format)) {
        const names = options.map(({ name }) => name);
        refuseOptions(command, names, `has no effect with ${format.title} files; it is for ${title}`);
      }
      await format.run(
        files.map((file) => resolve(context.cwd, file)),
        flags,
        context,
      );
    });
}

/** The format of the files, by their endings. Throws UserError for another ending, and for files of several formats. */
function formatOf(files: readonly string[]): ImportFormat {
  const found = files.map((file) => {
    const ending = extname(file).toLowerCase();
    const format = formats.find(({ endings }) => endings.includes(ending));
    if (format !== undefined) return format;
    const known = formats.flatMap(({ endings }) => endings).join(', ');
    throw new UserError(`${file}: cannot be imported, expected a file that ends in ${known}`);
  });
  if (new Set(found).size > 1) throw new UserError(`${files.join(', ')}: expected files of one format`);
  return found[0]!;
}
