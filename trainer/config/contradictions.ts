// Choices that are fine alone and make no sense together. Each is refused before any work, by the flags' names, with the
// reason and with what to change.
import { conditionColumns } from '../../runtime-web/format/condition.ts';
import { parseAugment } from './augmentations.ts';
import { parseCodes } from './conditioning.ts';
import { flagOf, totals, type ConfigKey } from './fields.ts';
import type { TrainConfig } from './fields.ts';
import { UserError } from '../errors.ts';
import { objectives } from '../objectives/table.ts';

/** Says what is wrong with a configuration, or null. */
type Rule = (config: TrainConfig) => string | null;

const rules: readonly Rule[] = [
  ({ tf32, engine }) =>
    tf32 && engine !== 'auto' && engine !== 'tensorflow-cuda'
      ? `--tf32 and --engine ${engine} contradict each other: only tensorflow-cuda has TensorFloat-32; leave --tf32 out`
      : null,
  (config) =>
    totals.every((key) => config[key] === null)
      ? 'the run has no length: give --steps, --images or --minutes'
      : null,
  ({ network, baseWidth, imageSize }) => {
    if (network === 'stylegan') return null;
    const widest = (baseWidth * imageSize) / 8;
    return widest > 8192
      ? `--base-width ${baseWidth} at --image-size ${imageSize} makes a first layer of ${widest} channels; ` +
          `the most is 8192, so a base width of ${Math.floor((8192 * 8) / imageSize)}`
      : null;
  },
  ({ clip, objective }) =>
    clip > 0 && objective !== 'wgan'
      ? `--clip ${clip} and --objective ${objective} contradict each other: clipped weights bound the critic of ` +
        `--objective wgan, and keep any other from judging; take that objective, or leave --clip out`
      : null,
  ({ clip, objective }) =>
    clip === 0 && objective === 'wgan'
      ? '--objective wgan needs --clip above 0 (the paper: 0.01): without it the critic has no bound; or take --objective wgan-gp'
      : null,
  ({ labelSmoothing, objective }) =>
    labelSmoothing > 0 && objectives[objective].logit !== 'probability'
      ? `--label-smoothing and --objective ${objective} contradict each other: its scores have no labels; ` +
        'leave --label-smoothing out, or take --objective non-saturating'
      : null,
  ({ unroll, objective, r1 }) =>
    unroll > 0 && (objective === 'wgan-gp' || r1 > 0)
      ? `--unroll and ${objective === 'wgan-gp' ? '--objective wgan-gp' : '--r1'} contradict each other: looking ahead past ` +
        'a gradient penalty takes third derivatives, which this program does not compute; leave one of them out'
      : null,
  ({ network, discriminatorNorm }) =>
    network === 'stylegan' && discriminatorNorm !== 'none'
      ? `--discriminator-norm ${discriminatorNorm} and --network stylegan contradict each other: its discriminator has equalised ` +
        'weights in the place of a norm; take --discriminator-norm none'
      : null,
  ({ r1, r1Every }) =>
    r1 === 0 && r1Every > 1
      ? `--r1-every ${r1Every} says how often a penalty comes that is not there: give --r1 a weight, or leave --r1-every out`
      : null,
  ({ discriminatorNorm, objective, r1 }) =>
    discriminatorNorm === 'batch' && (objective === 'wgan-gp' || r1 > 0)
      ? `--discriminator-norm batch and ${objective === 'wgan-gp' ? '--objective wgan-gp' : '--r1'} contradict each other: ` +
        "the penalty is on each image's own gradient, and with batch norm a logit depends on the other images too; " +
        'take --discriminator-norm layer'
      : null,
  ({ codes, condition }) =>
    codes !== null && condition !== 'info'
      ? `--codes and --condition ${condition} contradict each other: codes are what --condition info gives the generator; ` +
        'take that, or leave --codes out'
      : null,
  ({ codes, condition }) =>
    codes === null && condition === 'info'
      ? '--condition info needs --codes, such as categorical:10,continuous:2'
      : null,
  ({ codes, latent }) => {
    if (codes === null) return null;
    const columns = conditionColumns({ kind: 'codes', codes: parseCodes(codes) });
    return columns > latent
      ? `--codes ${codes} and --latent ${latent} contradict each other: the codes are ${columns} numbers, more than the ` +
          `latent has, so that little is left to noise; raise --latent to ${columns} or more`
      : null;
  },
  ({ labelDiscriminator, condition }) =>
    labelDiscriminator === 'projection' && condition !== 'label'
      ? `--label-discriminator projection and --condition ${condition} contradict each other: there are no labels to project; ` +
        'take --condition label'
      : null,
  ({ classNames, condition }) =>
    classNames !== null && condition !== 'label'
      ? `--class-names and --condition ${condition} contradict each other: no class is asked for by name; take --condition label, or leave --class-names out`
      : null,
  ({ growFrom, imageSize, network }) => {
    if (growFrom === null) return null;
    if (network !== 'stylegan') {
      return `--grow-from ${growFrom} and --network ${network} contradict each other: only stylegan's networks grow; leave --grow-from out`;
    }
    return growFrom > imageSize
      ? `--grow-from ${growFrom} and --image-size ${imageSize} contradict each other: the networks would begin past the size of ` +
          `the images; take --grow-from ${imageSize / 2}, or none`
      : null;
  },
  ({ network, dropout }) =>
    network === 'stylegan' && dropout > 0
      ? '--dropout and --network stylegan contradict each other: its discriminator has none; leave --dropout out'
      : null,
  ({ network, discriminatorBatch }) =>
    network === 'stylegan' && discriminatorBatch === 'joined'
      ? '--discriminator-batch joined and --network stylegan contradict each other: its discriminator compares the images of a ' +
        'batch, which must then be all real or all drawn; take --discriminator-batch separate'
      : null,
  ({ augment }) => {
    if (augment !== null) parseAugment(augment);
    return null;
  },
];

/** Throws UserError where values that are fine alone cannot be together. */
export function checkWhole(config: TrainConfig): void {
  for (const rule of rules) {
    const wrong = rule(config);
    if (wrong !== null) throw new UserError(wrong);
  }
}

/** What only one kind of network has. */
const own: Readonly<Record<TrainConfig['network'], readonly ConfigKey[]>> = {
  dcgan: ['kernel', 'upsampling', 'head'],
  stylegan: ['mappingLayers', 'mixing', 'growImages'],
};

/** Throws UserError for a flag that says something of networks which this configuration does not have. */
export function checkOwnFlags({ network }: TrainConfig, given: readonly string[]): void {
  const other = network === 'dcgan' ? 'stylegan' : 'dcgan';
  const wrong = own[other].find((key) => given.includes(key));
  if (wrong === undefined) return;
  throw new UserError(
    `${flagOf(wrong)} and --network ${network} contradict each other: it is a setting of ${other}'s networks; ` +
      `leave it out, or take --network ${other}`,
  );
}
