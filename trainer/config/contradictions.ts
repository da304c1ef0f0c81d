// Rejects settings that are valid alone but contradict each other, before any work. Each message names the flags, the reason and
// the remedy. The rules of one network family are in `networks.ts`.
import { conditionColumns } from '../../runtime-web/format/condition.ts';
import { adaptive } from '../../runtime-web/format/training/augmentation/names.ts';
import { parseAugment } from './augmentations.ts';
import { parseCodes } from './conditioning.ts';
import { configFields, defaultConfig, flagOf, totals, type ConfigKey, type TrainConfig } from './fields.ts';
import { imageShape } from './image-size.ts';
import { networkNames, networks, type NetworkName } from './networks.ts';
import { shorterSide } from './stages.ts';
import { UserError } from '../errors.ts';
import { objectives } from '../objectives/table.ts';

/** Returns an error message for a configuration, or null. */
type Rule = (config: TrainConfig) => string | null;

/** The flags of the penalties on D's gradient that a configuration has, and those that take them away; null for none. */
function gradientPenalties({
  objective,
  r1,
  r2,
}: TrainConfig): { readonly flags: string; readonly without: string } | null {
  const found = [
    objective === 'wgan-gp' && (['--objective wgan-gp', '--objective wgan'] as const),
    r1 > 0 && (['--r1', '--r1 0'] as const),
    r2 > 0 && (['--r2', '--r2 0'] as const),
  ].filter((penalty) => penalty !== false);
  if (found.length === 0) return null;
  return {
    flags: found.map(([flag]) => flag).join(' and '),
    without: found.map(([, flag]) => flag).join(' '),
  };
}

const rules: readonly Rule[] = [
  ({ tf32, engine }) =>
    tf32 && engine !== 'auto' && engine !== 'tensorflow-cuda'
      ? `--tf32 and --engine ${engine} contradict each other: only tensorflow-cuda has TensorFloat-32; leave --tf32 out`
      : null,
  (config) =>
    totals.every((key) => config[key] === null)
      ? 'the run has no length: give --steps, --images or --minutes'
      : null,
  (config) => networks[config.network].complaint(config),
  // Other keys of one family have a default that says nothing.
  (config) => {
    const { network } = config;
    const own: readonly ConfigKey[] = networks[network].ownKeys;
    const foreign = (['attention', 'spectralNorm'] as const).find(
      (key) => config[key] !== configFields[key].initial && !own.includes(key),
    );
    return foreign === undefined ? null : foreignKey(foreign, network);
  },
  ({ from, fromHash }) =>
    from === null && fromHash !== null
      ? '--from-hash has no effect without --from: give --from the checkpoint, or leave --from-hash out'
      : null,
  ({ from, fromMoments }) =>
    from === null && fromMoments
      ? '--from-moments has no effect without --from: give --from a run, or leave --from-moments out'
      : null,
  ({ from, freezeD }) =>
    from === null && freezeD > 0
      ? `--freeze-d ${freezeD} without --from would keep random weights: give --from a trained run, or leave --freeze-d out`
      : null,
  ({ growFrom, freezeD }) =>
    growFrom !== null && freezeD > 0
      ? `--freeze-d ${freezeD} and --grow-from ${growFrom} contradict each other: while networks grow, other layers are next to the ` +
        'image; give --grow-from none, or leave --freeze-d out'
      : null,
  ({ batch, accumulate }) => {
    if (accumulate === 1 || (batch % accumulate === 0 && batch / accumulate >= 2)) return null;
    const nearest = Math.max(2, Math.round(batch / accumulate)) * accumulate;
    return (
      `--accumulate ${accumulate} and --batch ${batch} contradict each other: the parts of a batch have the same number of images, ` +
      `at least 2; give --batch ${nearest}, or another --accumulate`
    );
  },
  ({ accumulate, unroll }) =>
    accumulate > 1 && unroll > 0
      ? `--accumulate ${accumulate} and --unroll ${unroll} contradict each other: each update ahead needs the gradient of the whole ` +
        'batch, and G needs the way to it, so nothing could be computed in parts; leave one of them out'
      : null,
  ({ accumulate, pathLength, network }) =>
    accumulate > 1 && pathLength > 0 && network === 'stylegan2'
      ? `--accumulate ${accumulate} and --path-length ${pathLength} contradict each other: its mean over the whole batch is part of the ` +
        'penalty, which so cannot be computed in parts; give --path-length 0, or leave --accumulate out'
      : null,
  ({ clip, objective }) =>
    clip > 0 && objective !== 'wgan'
      ? `--clip ${clip} and --objective ${objective} contradict each other: weight clipping only makes sense for ` +
        `the critic of --objective wgan; take that objective, or leave --clip out`
      : null,
  ({ clip, objective, spectralNorm }) =>
    clip === 0 && objective === 'wgan' && spectralNorm === 'none'
      ? '--objective wgan needs --clip above 0 (the paper: 0.01): without it the critic has no bound; or take --objective wgan-gp, or ' +
        '--spectral-norm discriminator'
      : null,
  ({ clip, spectralNorm }) =>
    clip > 0 && spectralNorm !== 'none'
      ? `--clip ${clip} and --spectral-norm ${spectralNorm} contradict each other: weights are divided by their largest singular value, ` +
        'which bounds the critic already; give --clip 0, or leave --spectral-norm out'
      : null,
  (config) =>
    config.labelSmoothing > 0 && objectives[config.objective](config).logit !== 'probability'
      ? `--label-smoothing and --objective ${config.objective} contradict each other: its scores have no labels; ` +
        'leave --label-smoothing out, or take --objective non-saturating'
      : null,
  (config) => {
    const { unroll } = config;
    const penalties = gradientPenalties(config);
    return unroll > 0 && penalties !== null
      ? `--unroll and ${penalties.flags} contradict each other: looking ahead past a gradient penalty takes third derivatives, ` +
          `which this program does not compute; leave --unroll out, or give ${penalties.without}`
      : null;
  },
  ({ r1, r2, r1Every }) =>
    r1 === 0 && r2 === 0 && r1Every > 1
      ? `--r1-every ${r1Every} has no effect without --r1 and --r2: give one of them a weight, or leave --r1-every out`
      : null,
  (config) => {
    const penalties = gradientPenalties(config);
    return config.discriminatorNorm === 'batch' && penalties !== null
      ? `--discriminator-norm batch and ${penalties.flags} contradict each other: the penalty is on each image's own gradient, ` +
          'and with batch norm a logit depends on the other images too; take --discriminator-norm layer or none'
      : null;
  },
  ({ penaltyEnd, r1, r2 }) =>
    penaltyEnd !== 1 && r1 === 0 && r2 === 0
      ? `--penalty-end ${penaltyEnd} has no effect without --r1 and --r2: give one of them a weight, or give --penalty-end 1`
      : null,
  ({ schedule, learningRateEnd }) =>
    schedule === 'constant' && learningRateEnd > 0
      ? `--learning-rate-end ${learningRateEnd} and --schedule constant contradict each other: constant rates do not change; ` +
        'take --schedule cosine or linear, or give --learning-rate-end 0'
      : null,
  ({ burnIn, schedule, learningRateEnd, beta2End, penaltyEnd, steps, images, batch, criticSteps }) => {
    if (burnIn !== 1 && schedule === 'constant' && beta2End === null && penaltyEnd === 1) {
      return `--burn-in ${burnIn} has no effect without a value that changes: give --schedule, --beta2-end or --penalty-end, or give --burn-in 1`;
    }
    const isOverEarly =
      burnIn < 1 || (burnIn > 1 && burnIn < (steps === null ? (images ?? 0) : steps * batch * criticSteps));
    return isOverEarly && schedule !== 'constant' && learningRateEnd === 0
      ? `--burn-in ${burnIn} and --schedule ${schedule} contradict each other: the learning rates would be 0 from its end to the end of ` +
          'the run; give --learning-rate-end a rate above 0, or --burn-in 1'
      : null;
  },
  ({ warmup, steps, images, batch, criticSteps }) => {
    const planned = steps ?? (images === null ? Infinity : Math.ceil(images / (batch * criticSteps)));
    return warmup < planned || warmup === 0
      ? null
      : `--warmup ${warmup} and a run of ${planned} steps contradict each other: the rates would not reach their value before its ` +
          'end; give a lower --warmup';
  },
  ({ patience, evaluateEvery }) =>
    patience !== null && evaluateEvery === null
      ? `--patience ${patience} and --evaluate-every none contradict each other: patience counts evaluations; ` +
        'give --evaluate-every a number of steps or auto, or leave --patience out'
      : null,
  ({ codes, condition }) =>
    codes !== null && condition !== 'info'
      ? `--codes and --condition ${condition} contradict each other: only --condition info has codes; ` +
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
      ? `--codes ${codes} and --latent ${latent} contradict each other: the codes take ${columns} numbers of the latent and leave ` +
          `no room for noise; raise --latent to ${columns} or more`
      : null;
  },
  ({ labelDiscriminator, condition }) =>
    labelDiscriminator === 'projection' && (condition === 'none' || condition === 'info')
      ? `--label-discriminator projection and --condition ${condition} contradict each other: there are no labels to project; ` +
        'take --condition label, attributes or numbers'
      : null,
  ({ labelColumn, condition }) =>
    labelColumn !== null && condition === 'info'
      ? `--label-column and --condition info contradict each other: the codes get their meaning in training; leave one of them out`
      : null,
  ({ labels, data }) =>
    labels !== null && data === 'avatars'
      ? '--labels and --data avatars contradict each other: these have attributes of their own; leave --labels out, or give --data'
      : null,
  ({ classNames, condition }) =>
    classNames !== null && condition !== 'label'
      ? `--class-names and --condition ${condition} contradict each other: only --condition label names classes; take that, or leave --class-names out`
      : null,
  ({ fit, focus }) =>
    focus !== 'centre' && fit !== 'crop'
      ? `--focus ${focus} and --fit ${fit} contradict each other: only --fit crop leaves something out; leave one of them out`
      : null,
  ({ growFrom, imageSize, channels, network }) => {
    if (growFrom === null) return null;
    if (!networks[network].grows) {
      const growing = networkNames.filter((name) => networks[name].grows).join(' and ');
      return `--grow-from ${growFrom} and --network ${network} contradict each other: only ${growing}'s networks grow; leave --grow-from out`;
    }
    const side = shorterSide(imageShape({ imageSize, channels }));
    return growFrom > side
      ? `--grow-from ${growFrom} and --image-size ${imageSize} contradict each other: the networks would start larger than ` +
          `the images; take --grow-from ${side / 2}, or none`
      : null;
  },
  ({ augment }) => {
    if (augment !== null) parseAugment(augment);
    return null;
  },
  ({ augment, augmentProbability }) =>
    augment === null && augmentProbability !== null
      ? `--augment-probability ${augmentProbability} has no effect without --augment: give --augment ${adaptive}, or leave it out`
      : null,
  (config) => {
    const key = (['adaTarget', 'adaImages'] as const).find((name) => config[name] !== defaultConfig[name]);
    if (key === undefined || (config.augment === adaptive && config.augmentProbability === null)) return null;
    const given = `${flagOf(key)} ${config[key]}`;
    return config.augment === adaptive
      ? `${given} and --augment-probability ${config.augmentProbability} contradict each other: a fixed probability does not move; ` +
          'leave one of them out'
      : `${given} has no effect without --augment ${adaptive}: give that, or leave ${flagOf(key)} out`;
  },
  (config) =>
    config.augment === adaptive &&
    config.augmentProbability === null &&
    objectives[config.objective](config).boundary === null
      ? `--augment ${adaptive} and --objective ${config.objective} contradict each other: a critic's scores have no zero, so their sign ` +
        'does not tell real from generated; fix the probability, such as --augment-probability 0.3, or take another objective'
      : null,
];

/** Throws UserError for the first contradiction in `config`. */
export function checkWhole(config: TrainConfig): void {
  for (const rule of rules) {
    const message = rule(config);
    if (message !== null) throw new UserError(message);
  }
}

/** Throws UserError if a key in `given` belongs to another network family only. */
export function checkOwnFlags({ network }: TrainConfig, given: readonly string[]): void {
  const keysOf = (name: NetworkName): readonly ConfigKey[] => networks[name].ownKeys;
  for (const other of networkNames) {
    const foreign = keysOf(other).find((key) => given.includes(key) && !keysOf(network).includes(key));
    if (foreign !== undefined) throw new UserError(foreignKey(foreign, network));
  }
}

/** The message about a key that only other families than `network` have. */
function foreignKey(key: ConfigKey, network: NetworkName): string {
  const owner = networkNames.find((name) => (networks[name].ownKeys as readonly ConfigKey[]).includes(key))!;
  return (
    `${flagOf(key)} and --network ${network} contradict each other: it is a setting of ${owner}'s networks; ` +
    `leave it out, or take --network ${owner}`
  );
}
