// `dcgan restore`: fills holes, removes noise and colours grey images by searching a run's generator for the best match (Yeh 2017),
// and interpolates between two images.
import { imageShape } from '../../config/image-size.ts';
import { stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import type { Command } from 'commander';
import { Random } from '../../../runtime-web/format/random.ts';
import { termWeights } from '../../../runtime-web/format/restoring/task.ts';
import { selectEngine } from '../../engine/select-engine.ts';
import { findingFile } from '../../findings/findings.ts';
import { UserError } from '../../errors.ts';
import { held } from '../../held.ts';
import { picturesBetween } from '../../restoring/between-pictures.ts';
import { freezeNetworks, openRunToRestore, openTrainingData } from '../../restoring/open-restoring.ts';
import { degradationInWords, preparePictures } from '../../restoring/prepare-pictures.ts';
import { givenPictures, type PictureSize } from '../../restoring/read-picture.ts';
import { restorePictures } from '../../restoring/restore-pictures.ts';
import { meanFigures, restoringFinding } from '../../restoring/restoring-finding.ts';
import { restoringWays, wayNames } from '../../restoring/restoring-figures.ts';
import { saveBetween, savePictures } from '../../restoring/save-pictures.ts';
import { framingOf, resolveData } from '../../run/run-data.ts';
import { checkWritable } from '../../run/run-folder.ts';
import { findingFolder, saveFinding } from '../../run/save-finding.ts';
import { runArgument } from '../../command-line/common-options.ts';
import { refuseOverwriting } from '../../command-line/refuse-overwriting.ts';
import type { CommandContext } from '../../command-line/context.ts';
import { addOptions } from '../../command-line/options.ts';
import { restoreOptions, restoreRequest, type RestoreFlags } from './restore-options.ts';

/** Generated images from which the starting latents are chosen. */
const candidates = 256;
/** Max number of training images to search for the nearest one. */
const maxNeighbours = 50_000;

/** Adds `restore` to the program. */
export function addRestoreCommand(program: Command, context: CommandContext): void {
  const call = context.invocation('restore');
  const command = program
    .command('restore')
    .description(
      'Fill holes, remove noise or add colour with what a generator has learned; or interpolate between two images.',
    )
    .argument('<run>', runArgument)
    .argument('<image...>', 'images, folders of images, or avatars by number: avatars:10000-10063');
  addOptions(command, restoreOptions)
    .addHelpText(
      'after',
      `
Examples:
  ${call} runs/00001-avatars-dcgan-relativistic face.png --box 20,20,24,16
  ${call} runs/00001-avatars-dcgan-relativistic old-photos --task colourise
  ${call} runs/00001-avatars-dcgan-relativistic avatars:10000-10063 --demonstrate --centre 0.25
  ${call} runs/00001-avatars-dcgan-relativistic one.png --between other.png --steps 12`,
    )
    .action((run: string, images: string[], flags: RestoreFlags) => restore(run, images, flags, context));
}

async function restore(
  path: string,
  images: readonly string[],
  flags: RestoreFlags,
  context: CommandContext,
): Promise<void> {
  const { cwd, print, warn, signal } = context;
  const at = (place: string): string => resolve(cwd, place);
  const given = await givenPictures(images, at, signal);
  const request = restoreRequest(flags, given.length, at);
  const run = await openRunToRestore(at(path), flags.checkpoint);
  for (const complaint of run.complaints) warn(`warning: ${complaint}`);
  const { config } = run;
  const { width, height, channels } = imageShape(config);
  if (request.task === 'colourise' && channels !== 3) {
    const why =
      channels === 1 ? 'grey, so it knows no colours' : 'transparent; only colour images are colourised';
    throw new UserError(`--task colourise: the pictures of this model are ${why}`);
  }
  const framing = { ...framingOf(config), ...(flags.resize !== null && { fit: flags.resize }) };
  const size: PictureSize = { width, height, channels, framing };
  const isBetween = flags.between !== null;
  const [other] = flags.between !== null ? await givenPictures([flags.between], at, signal) : [];
  const ends = other === undefined ? null : ([await given[0]!.read(size), await other.read(size)] as const);
  const pictures = ends === null ? await preparePictures(given, request, size, signal) : [];
  const name = `restore-${isBetween ? 'between' : (request.hole?.kind ?? request.task)}`;
  const out = flags.out === null ? (await findingFolder(run.folder.path, name))! : at(flags.out);
  await checkWritable(out);
  const outputs = new Set(given.map(({ name: stem }) => join(out, 'restored', `${stem}.png`)));
  const replaced = given.find((picture) => picture.path !== null && outputs.has(picture.path));
  if (replaced !== undefined) {
    throw new UserError(`--out ${out}: would replace the picture ${replaced.path}; give another --out`);
  }
  if (!isBetween && (await stat(join(out, findingFile)).catch(() => null)) === null) {
    for (const file of [...outputs, join(out, 'comparison.png')]) await refuseOverwriting(file, file);
  }

  const data = flags.data === null ? null : resolveData(context, flags.data);
  const choice = { engine: flags.engine ?? config.engine, threads: config.threads };
  await using engine = held((await selectEngine(choice)).engine);
  await using updates = held(context.progress('steps'));
  await using comparing = held(context.progress('images'));
  const opened = await openTrainingData(run, {
    ...{ data, signal, warn },
    isCompared: pictures.some(({ original }) => original !== null),
    onDecoded: (done, total) => comparing.show('reading the training images', done, total),
  });
  const isOpen = !(opened instanceof UserError);
  await using dataset = isOpen ? held(opened.dataset) : null;
  if (isOpen && opened.difference !== null) warn(`warning: ${opened.difference}`);
  const { networks, calibration, complaint } = await freezeNetworks(run, {
    ...{ engine, opened, data, signal },
    isCalibrated: request.realism > 0,
    onCalibrated: (done, total) => comparing.show('calibrating', done, total),
  });
  if (complaint !== null) {
    warn(`warning: the discriminator has raw logits, with which --realism may do nothing: ${complaint}`);
  }
  const common = {
    engine,
    networks,
    width,
    height,
    channels,
    latentDim: config.latent,
    updates: request.updates,
    rate: request.rate,
    restarts: request.restarts,
    candidates,
    random: new Random(request.seed),
    signal,
    onProgress: (done: number, total: number) => updates.show('restoring', done, total),
  };
  const settings = {
    ...request,
    checkpoint: run.checkpoint.metadata.step,
    engine: engine.name,
    calibration,
  };
  if (ends !== null) {
    const way = await picturesBetween({ ...common, ends, steps: request.steps, realism: request.realism });
    const files = await saveBetween(
      out,
      way,
      {
        ends,
        names: [given[0]!.name, other!.name],
        size,
        step: run.checkpoint.metadata.step,
        settings,
      },
      warn,
    );
    const { frames, losses } = way;
    if (!flags.json) return print(`${frames.length} images: ${files.strip}, ${files.film}`);
    return print(JSON.stringify({ event: 'done', out, ...files, frames: frames.length, losses }));
  }
  const restored = await restorePictures({
    ...common,
    terms: termWeights(request.task, request.realism),
    pictures,
    dataset,
    maxNeighbours,
    onCompared: (done, total) => comparing.show('comparing with training images', done, total),
  });
  const folder = await savePictures(join(out, 'restored'), restored);
  const degradation = degradationInWords(request);
  const model = basename(run.folder.path);
  await saveFinding(
    out,
    await restoringFinding(restored, {
      ...{ name, task: request.task, step: run.checkpoint.metadata.step, degradation, model, settings },
    }),
    warn,
  );
  const figures = meanFigures(restored);
  if (flags.json) {
    const list = restored.map(({ name: picture, loss, closeness }) => ({
      name: picture,
      file: join(folder, `${picture}.png`),
      loss,
      closeness,
    }));
    return print(JSON.stringify({ event: 'done', out, task: request.task, figures, pictures: list }));
  }
  if (figures !== null) {
    print(`${''.padEnd(34)}PSNR, dB    SSIM`);
    const names = wayNames(request.task);
    for (const way of restoringWays) {
      const { psnr, ssim } = figures[way];
      print(`${names[way].padEnd(34)}${psnr.toFixed(2).padStart(8)}${ssim.toFixed(3).padStart(8)}`);
    }
  }
  print(`${restored.length} restored: ${folder}, compared in ${join(out, 'comparison.png')}`);
}
