// The one validator of configurations: layers, ranges, contradictions, and the nearest valid name.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { ConfigLayer } from '../../trainer/config/config.ts';
import type { TrainConfig } from '../../trainer/config/fields.ts';
import { fromFlags, resolveConfig } from '../../trainer/config/config.ts';
import { configFields, configKeys, flagOf, defaultConfig } from '../../trainer/config/fields.ts';
import { methodName } from '../../trainer/config/method-name.ts';
import { UserError } from '../../trainer/errors.ts';
import { findPreset, presets, resolveOverDefault } from '../../trainer/config/presets.ts';

const test = suite('config');

const flags = (values: Record<string, unknown>): ConfigLayer => ({ source: fromFlags, values });

/** The message that resolving `layers` over the default is refused with. */
function refusal(...layers: ConfigLayer[]): string {
  try {
    resolveOverDefault(layers);
  } catch (error) {
    assert.instance(error, UserError);
    return (error as Error).message;
  }
  throw new Error('nothing was refused');
}

test('the default preset is complete, valid and in the order of the table', () => {
  const config = resolveConfig([{ source: 'default', values: { ...defaultConfig } }]);
  assert.equal(Object.keys(config), [...configKeys]);
  assert.equal({ ...config }, { ...defaultConfig });
  assert.ok(Object.isFrozen(config));
});

for (const [name, preset] of Object.entries(presets)) {
  test(`preset ${name} is valid`, () => {
    const config = resolveOverDefault([{ source: name, values: preset.values }]);
    for (const [key, value] of Object.entries(preset.values)) {
      assert.is(config[key as keyof typeof config], value);
    }
  });
}

test("preset paper-64 is the paper's: 64x64x3, 1024 channels within, kernel 5, z of 100 uniform, batch 128", () => {
  const { values } = findPreset('paper-64');
  const { imageSize, channels, baseWidth, kernel, latent, latentDistribution, batch } = resolveOverDefault([
    { source: 'paper-64', values },
  ]);
  assert.equal(
    [imageSize, channels, kernel, latent, latentDistribution, batch],
    [64, 3, 5, 100, 'uniform', 128],
  );
  assert.is(baseWidth * (Number(imageSize) / 8), 1024);
  assert.equal([values.learningRate, values.beta1, values.beta2], [2e-4, 0.5, 0.999]);
});

test('later layers win over earlier ones', () => {
  const config = resolveOverDefault([
    { source: 'file.json', values: { batch: 16, latent: 7 } },
    flags({ batch: 32 }),
  ]);
  assert.equal([config.batch, config.latent], [32, 7]);
});

test('a total in a layer replaces the other totals of the layers below', () => {
  const config = resolveOverDefault([flags({ minutes: 2.5 })]);
  assert.equal([config.steps, config.images, config.minutes], [null, null, 2.5]);
  const again = resolveOverDefault([{ source: 'config.json', values: { ...config } }, flags({ images: 10 })]);
  assert.equal([again.steps, again.images, again.minutes], [null, 10, null]);
});

test('a saved configuration repeats itself', () => {
  const config = resolveOverDefault([flags({ images: 999, channels: 1, flip: true })]);
  const repeated = resolveOverDefault([
    { source: 'config.json', values: JSON.parse(JSON.stringify(config)) as Record<string, unknown> },
  ]);
  assert.equal(repeated, config);
});

test('two totals in one layer contradict each other', () => {
  assert.match(refusal(flags({ steps: 5, minutes: 1 })), /--steps and --minutes contradict/);
});

test('an unknown key is refused with the nearest one', () => {
  const message = refusal({ source: 'my.json', values: { basewidth: 3 } });
  assert.is(message, "my.json: unknown key 'basewidth'; did you mean 'baseWidth'?");
  assert.is(
    refusal({ source: 'my.json', values: { zzzzzzzzzzzz: 3 } }),
    "my.json: unknown key 'zzzzzzzzzzzz'",
  );
});

test("a key of Object's prototype is unknown like any other", () => {
  assert.match(refusal({ source: 'my.json', values: { constructor: 3 } }), /unknown key 'constructor'/);
});

test('a message names the flag, the value and the expectation, and a remedy where there is one', () => {
  assert.match(
    refusal(flags({ imageSize: 100 })),
    /^--image-size: got 100, expected a size such as .*; the nearest is 96$/,
  );
  assert.is(refusal(flags({ batch: 1 })), '--batch: got 1, expected a whole number from 2 to 4096');
  assert.is(
    refusal({ source: 'my.json', values: { kernel: '4' } }),
    'my.json: kernel: got "4", expected 4 or 5',
  );
});

for (const [key, bad] of [
  ['imageSize', [8, 1024, 33, 32.5, '32', '64x64', '64x70', null]],
  ['channels', [2, 5, '3']],
  ['baseWidth', [0, 513, 1.5]],
  ['latent', [0, 4097]],
  ['batch', [1, 0, 4097]],
  ['learningRate', [0, -1, NaN, Infinity, '1e-4']],
  ['beta1', [-0.1, 1]],
  ['labelSmoothing', [-0.1, 0.6]],
  ['dropout', [1, -1]],
  ['averageDecay', [1, -0.1]],
  ['steps', [0, -5, 1.5]],
  ['minutes', [0, -1, NaN]],
  ['seed', [-1, 0.5, 2 ** 53]],
  ['sampleCount', [0, 2, 63, 2500]],
  ['engine', ['gpu', '']],
  ['flip', ['yes', 1]],
  ['data', ['', '  ', 3]],
] as const) {
  test(`${key} refuses ${bad.map((value) => JSON.stringify(value)).join(', ')}`, () => {
    for (const value of bad)
      assert.match(refusal(flags({ [key]: value })), flagOf(key), `${key} took ${value}`);
  });
}

test('texts of flags are parsed as numbers, words and none', () => {
  const parse = (key: keyof typeof configFields, text: string): unknown => configFields[key].rule.parse(text);
  assert.is(parse('batch', '64'), 64);
  assert.is(parse('learningRate', '2e-4'), 2e-4);
  assert.is(parse('threads', 'none'), null);
  assert.is(parse('kernel', '5'), 5);
  for (const text of ['', ' ', '12px', '0x10', '1e999', 'NaN', '1,5', '--']) {
    const accepted = configFields.batch.rule.accepts(parse('batch', text));
    assert.not(accepted, `batch took '${text}'`);
  }
});

test('a first layer that is too wide is refused with the maximum width', () => {
  assert.match(
    refusal(flags({ baseWidth: 512, imageSize: 256 })),
    /16384 channels.*base width of at most 256/,
  );
});

const contradictions: readonly (readonly [Record<string, unknown>, RegExp])[] = [
  [
    { objective: 'wgan-gp', unroll: 2 },
    /--unroll and --objective wgan-gp contradict.*third derivatives.*--objective wgan$/,
  ],
  [{ r1: 1, unroll: 2 }, /--unroll and --r1 contradict.*leave --unroll out, or give --r1 0$/],
  [{ r2: 1, unroll: 2 }, /--unroll and --r2 contradict/],
  [{ objective: 'relativistic', unroll: 2 }, /--unroll and --r1 and --r2 contradict.*or give --r1 0 --r2 0$/],
  [{ attention: 16, imageSize: 16 }, /--attention 16 and --image-size 16.*side of 8; give that, or .*none$/],
  [{ attention: 24, imageSize: '64x96' }, /shorter side of 8 or 16 or 32; give that/],
  [{ attention: 16, network: 'stylegan' }, /--attention and --network stylegan.*take --network dcgan$/],
  [{ spectralNorm: 'both', network: 'stylegan' }, /--spectral-norm and --network stylegan/],
  [
    { spectralNorm: 'both', objective: 'wgan', clip: 0.1 },
    /--clip 0.1 and --spectral-norm both.*give --clip 0/,
  ],
  [{ clip: 0.01 }, /--clip 0.01 and --objective non-saturating contradict/],
  [{ objective: 'wgan', clip: 0 }, /--objective wgan needs --clip above 0/],
  [{ objective: 'hinge', labelSmoothing: 0.1 }, /--label-smoothing and --objective hinge contradict/],
  [
    { objective: 'wgan-gp', discriminatorNorm: 'batch' },
    /--discriminator-norm batch.*take --discriminator-norm layer/,
  ],
  [{ r1: 1, discriminatorNorm: 'batch' }, /--discriminator-norm batch and --r1/],
  [{ r2: 1, discriminatorNorm: 'batch' }, /--discriminator-norm batch and --r2/],
  [
    { objective: 'relativistic', discriminatorNorm: 'batch' },
    /--discriminator-norm batch and --r1 and --r2.*take --discriminator-norm layer or none/,
  ],
  [{ objective: 'relativistic', labelSmoothing: 0.1 }, /--label-smoothing and --objective relativistic/],
  [{ r1Every: 4 }, /--r1-every 4 has no effect without --r1 and --r2/],
  [{ codes: 'continuous:2' }, /--codes and --condition none contradict/],
  [{ condition: 'info', codes: null }, /--condition info needs --codes/],
  [{ condition: 'info', latent: 8 }, /--latent 8 contradict.*12 numbers.*raise --latent to 12/],
  [{ condition: 'info', codes: 'categorical:1' }, /got 'categorical:1', expected a list such as/],
  [{ condition: 'info', codes: 'discrete:3' }, /got 'discrete:3'/],
  [{ labelDiscriminator: 'projection' }, /--label-discriminator projection.*take --condition label/],
  [{ classNames: 'a,b' }, /--class-names and --condition none contradict/],
  [{ augment: 'color,flip' }, /--augment color,flip: got 'flip'/],
  [{ augment: 'color,color' }, /'color' is there twice/],
  [{ augment: 'ada,color' }, /ada and color contradict each other.*give --augment ada, or --augment color$/],
  [{ augment: 'adda' }, /got 'adda'; did you mean 'ada'\?, expected ada, or some of color/],
  [{ augmentProbability: 0.5 }, /--augment-probability 0.5 has no effect without --augment/],
  [
    { augment: 'ada', augmentProbability: 1.5 },
    /--augment-probability: got 1.5, expected a number from 0 to 1/,
  ],
  [{ augment: 'ada', adaTarget: 1.5 }, /--ada-target: got 1.5, expected a number from 0 to 1/],
  [{ augment: 'ada', adaImages: 0 }, /--ada-images: got 0, expected a whole number from 1/],
  [{ augment: 'color', adaTarget: 0.5 }, /--ada-target 0.5 has no effect without --augment ada/],
  [
    { augment: 'ada', augmentProbability: 0.5, adaImages: 1000 },
    /--ada-images 1000 and --augment-probability 0.5 contradict/,
  ],
  [
    { augment: 'ada', objective: 'wgan-gp' },
    /--augment ada and --objective wgan-gp.*--augment-probability 0.3/,
  ],
  [{ criticSteps: 0 }, /--critic-steps: got 0/],
  [{ penaltyEnd: 0.1 }, /--penalty-end 0.1 has no effect without --r1 and --r2.*or give --penalty-end 1$/],
  [
    { schedule: 'constant', learningRateEnd: 1e-4 },
    /--learning-rate-end 0.0001 and --schedule constant contradict.*take --schedule cosine or linear/,
  ],
  [{ burnIn: 0.5 }, /--burn-in 0.5 has no effect without a value that changes: give --schedule/],
  [
    { burnIn: 0.5, schedule: 'cosine' },
    /--burn-in 0.5 and --schedule cosine contradict.*would be 0 from its end/,
  ],
  [{ burnIn: 500, schedule: 'linear', images: 501 }, /--burn-in 500 and --schedule linear contradict/],
  [
    { averageDecay: 0.9, averageHalfLife: 500 },
    /--average-decay and --average-half-life contradict.*same weights/,
  ],
  [{ burnIn: 0 }, /--burn-in: got 0, expected a share of the run above 0, at most 1, or a number of images/],
];
for (const [values, message] of contradictions) {
  test(`refused with what to change: ${JSON.stringify(values)}`, () => {
    assert.match(refusal(flags(values)), message);
  });
}

test("an objective implies its paper's settings, and explicit ones beside it or after it win", () => {
  const chosen = resolveOverDefault([flags({ objective: 'wgan-gp', beta2: 0.99 })]);
  const { criticSteps, discriminatorNorm, learningRate, beta1, beta2 } = chosen;
  assert.equal([criticSteps, discriminatorNorm, learningRate, beta1, beta2], [5, 'layer', 1e-4, 0, 0.99]);
  const saved: ConfigLayer = { source: 'config.json', values: { ...chosen, criticSteps: 2 } };
  assert.is(resolveOverDefault([saved]).criticSteps, 2);
  assert.is(resolveOverDefault([saved, flags({ learningRate: 3e-4 })]).learningRate, 3e-4);
});

test('spectral norm implies no other norm in D and no clipping, and explicit settings win', () => {
  const settings = (values: Partial<TrainConfig>): readonly unknown[] => {
    const { discriminatorNorm, clip, criticSteps } = resolveOverDefault([flags(values)]);
    return [discriminatorNorm, clip, criticSteps];
  };
  assert.equal(settings({ spectralNorm: 'discriminator' }), ['none', 0, 1]);
  assert.equal(settings({ spectralNorm: 'both', discriminatorNorm: 'batch' }), ['batch', 0, 1]);
  assert.equal(settings({ spectralNorm: 'discriminator', objective: 'wgan' }), ['none', 0, 5]);
  assert.equal(settings({ spectralNorm: 'both', objective: 'wgan-gp' }), ['none', 0, 5]);
  assert.equal(settings({ spectralNorm: 'none', objective: 'wgan' }), ['batch', 0.01, 5]);
});

test('a saved setting that the other family lacks is refused too', () => {
  const saved: ConfigLayer = { source: 'config.json', values: { spectralNorm: 'both' } };
  assert.match(refusal(saved, flags({ network: 'stylegan' })), /--spectral-norm and --network stylegan/);
});

test("relativistic pairing implies R3GAN's penalties, of one weight, and switching them off is no contradiction", () => {
  const penalties = (values: Partial<TrainConfig>): readonly unknown[] => {
    const { r1, r2, r1Every, beta1, discriminatorNorm } = resolveOverDefault([
      flags({ objective: 'relativistic', ...values }),
    ]);
    return [r1, r2, r1Every, beta1, discriminatorNorm];
  };
  assert.equal(penalties({}), [0.5, 0.5, 4, 0, 'none']);
  assert.equal(penalties({ r1: 2 }), [2, 2, 4, 0, 'none']);
  assert.equal(penalties({ r2: 0.1, r1Every: 1 }), [0.1, 0.1, 1, 0, 'none']);
  assert.equal(penalties({ r1: 0 }), [0, 0.5, 4, 0, 'none']);
  assert.equal(penalties({ r1: 0, r2: 0, discriminatorNorm: 'batch' }), [0, 0, 1, 0, 'batch']);
  assert.equal(penalties({ network: 'stylegan' }), [0.5, 0.5, 4, 0, 'none']);
  assert.equal(penalties({ network: 'modern' }), [0.5, 0.5, 4, 0, 'none']);
  assert.is(resolveOverDefault([flags({ network: 'stylegan', r1: 0 })]).r1Every, 1);
  assert.is(resolveOverDefault([flags({ network: 'stylegan2', r1: 0 })]).r1Every, 1);
  // Changed flags over a saved configuration change nothing but themselves.
  const saved: ConfigLayer = {
    source: 'config.json',
    values: resolveOverDefault([flags({ objective: 'relativistic', r1Every: 8 })]),
  };
  const { r1, r2, r1Every } = resolveOverDefault([saved, flags({ r1: 0 })]);
  assert.equal([r1, r2, r1Every], [0, 0.5, 8]);
});

test('a critic may have ADA with a fixed probability', () => {
  const values = { augment: 'ada', augmentProbability: 0.3 };
  assert.is(resolveOverDefault([flags({ objective: 'wgan', ...values })]).augmentProbability, 0.3);
});

test('an end of the learning rates implies a cosine; a half-life takes the place of a decay, and the other way round', () => {
  assert.is(resolveOverDefault([flags({ learningRateEnd: 1e-4 })]).schedule, 'cosine');
  assert.is(resolveOverDefault([flags({ learningRateEnd: 1e-4, schedule: 'linear' })]).schedule, 'linear');
  const halved = resolveOverDefault([flags({ averageHalfLife: 500 })]);
  assert.equal([halved.averageDecay, halved.averageHalfLife], [null, 500]);
  const decayed = resolveOverDefault([
    { source: 'config.json', values: halved },
    flags({ averageDecay: 0.9 }),
  ]);
  assert.equal([decayed.averageDecay, decayed.averageHalfLife], [0.9, null]);
});

test('R2 alone takes the norm out of D, as R1 does', () => {
  assert.is(resolveOverDefault([flags({ r2: 1 })]).discriminatorNorm, 'none');
});

test('the name of a method has its penalties', () => {
  const name = (values: Partial<TrainConfig>): string => methodName(resolveOverDefault([flags(values)]));
  assert.is(name({ objective: 'relativistic' }), 'dcgan-relativistic');
  assert.is(name({ objective: 'hinge', r2: 1 }), 'dcgan-hinge-r2');
  assert.is(name({ attention: 8, spectralNorm: 'both', objective: 'hinge' }), 'dcgan-attention-sn-hinge');
  assert.is(name({ network: 'stylegan', objective: 'relativistic' }), 'stylegan-relativistic');
  assert.is(name({ network: 'stylegan2' }), 'stylegan2');
  assert.is(name({ network: 'modern' }), 'modern');
  assert.is(name({ network: 'modern', objective: 'hinge', r1: 1 }), 'modern-hinge-r1');
});

test("R3GAN's networks imply its objective, which --objective replaces with its penalties", () => {
  const implied = ({ network = 'modern', ...values }: Partial<TrainConfig>): readonly unknown[] => {
    const chosen = resolveOverDefault([flags({ network, ...values })]);
    return [chosen.objective, chosen.r1, chosen.r2, chosen.r1Every, chosen.discriminatorNorm, chosen.beta1];
  };
  assert.equal(implied({}), ['relativistic', 0.5, 0.5, 4, 'none', 0]);
  assert.equal(implied({ r1: 2 }), ['relativistic', 2, 2, 4, 'none', 0]);
  assert.equal(implied({ objective: 'hinge' }), ['hinge', 0, 0, 1, 'none', 0]);
  assert.equal(implied({ objective: 'wgan' }), ['wgan', 0, 0, 1, 'none', 0]);
});

test("codes imply InfoGAN's rates, unless the objective or the network has its own", () => {
  const rates = (values: Partial<TrainConfig>): readonly unknown[] => {
    const chosen = resolveOverDefault([flags({ condition: 'info', ...values })]);
    return [chosen.learningRate, chosen.discriminatorLearningRate];
  };
  assert.equal(rates({}), [1e-3, 2e-4]);
  assert.equal(rates({ discriminatorLearningRate: 1e-4 }), [1e-3, 1e-4]);
  assert.equal(rates({ objective: 'wgan-gp' }), [1e-4, null]);
  assert.equal(rates({ network: 'stylegan' }), [2.5e-3, null]);
  assert.equal(rates({ network: 'stylegan', objective: 'wgan-gp' }), [1e-3, null]);
});

test('an unknown preset is refused with the nearest and the list', () => {
  assert.throws(
    () => findPreset('paper64'),
    (error: Error) => /did you mean 'paper-64'\?.*dcgan-64/.test(error.message) && error instanceof UserError,
  );
  assert.throws(() => findPreset('toString'), /unknown preset/);
});

test('keys that affect networks, data or the state of training cannot change in a resumed run', () => {
  const free = configKeys.filter((key) => configFields[key].mayChange);
  // A moved data folder may be named anew; run/same-data.ts compares its images.
  assert.equal(free, [
    'data',
    'classNames',
    'labels',
    'flip',
    'steps',
    'images',
    'minutes',
    'clip',
    'penaltyWeight',
    'r1',
    'r2',
    'r1Every',
    'pathLength',
    'pathLengthEvery',
    'penaltyEnd',
    'augment',
    'augmentProbability',
    'adaTarget',
    'adaImages',
    'labelSmoothing',
    'freezeD',
    'accumulate',
    'learningRate',
    'discriminatorLearningRate',
    'schedule',
    'learningRateEnd',
    'burnIn',
    'warmup',
    'averageRampUp',
    'engine',
    'threads',
    'tf32',
    'reportEvery',
    'sampleEvery',
    'checkpointEvery',
    'onCollapse',
    'keepCheckpoints',
    'sampleCount',
    'evaluateEvery',
    'evaluateCount',
    'evaluateNetwork',
    'patience',
    'tensorboard',
    'export',
  ]);
});

test.run();
