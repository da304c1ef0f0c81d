// Recipes over sizes, numbers of images, minutes and flags: always a valid configuration in which everything given stays as it was.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { resolveWithRecipe } from '../../trainer/config/apply-recipe.ts';
import { fromFlags } from '../../trainer/config/config.ts';
import { defaultConfig, type ConfigKey, type TrainConfig } from '../../trainer/config/fields.ts';
import { sizeOfText } from '../../trainer/config/image-size.ts';
import { presets, resolveOverDefault } from '../../trainer/config/presets.ts';
import { imagesPerSecond, recipeChoices, type RecipeName } from '../../trainer/config/recipes.ts';

const test = suite('recipes');

const sizes = [16, 32, '32x48', 64, '64x96', 96, 128, 256, 512] as const;
const counts = [12, 63, 64, 500, 1999, 2000, 10_000, 50_000, 3_000_000] as const;
const lengths: readonly Partial<TrainConfig>[] = [
  {},
  { minutes: 0.1 },
  { minutes: 1 },
  { minutes: 15 },
  { minutes: 100 },
  { minutes: 10_000 },
  { steps: 10 },
  { images: 1000 },
];

function chosen(
  values: Partial<TrainConfig>,
  { name = 'modern' as RecipeName, images = 5000, isBuiltIn = false, preset = null as string | null } = {},
) {
  const base = preset === null ? [] : [{ source: preset, values: presets[preset]!.values }];
  const layers = { base, given: [{ source: fromFlags, values }] };
  return resolveWithRecipe(layers, name, { isBuiltIn, images }, { isMethodOnly: preset !== null });
}

/** Throws if a value that was given is another one in the configuration. */
function assertKept(config: TrainConfig, given: Partial<TrainConfig>): void {
  for (const [key, value] of Object.entries(given)) assert.is(config[key as ConfigKey], value, key);
}

test('every size, number of images and length has a valid recipe with its length, and a batch that the images fill', () => {
  for (const imageSize of sizes) {
    for (const images of counts) {
      for (const length of lengths) {
        const given = { imageSize, ...length };
        const { config, recipe } = chosen(given, { images });
        assertKept(config, given);
        assert.ok(config.batch <= images / 2, `${imageSize}, ${images}`);
        assert.is([config.steps, config.images, config.minutes].filter((total) => total !== null).length, 1);
        assert.is(config.augment !== null, images < 2000);
        const numbers = `modern, for ${images.toLocaleString('en')} images, `;
        assert.ok(recipe.title.startsWith(numbers), recipe.title);
        assert.match(recipe.title, String(imageSize));
        if (config.minutes !== null)
          assert.match(recipe.title, ` and ${config.minutes.toLocaleString('en')} minute`);
      }
    }
  }
});

test('more time never makes narrower networks, and the widest take all but the shortest runs past enough images', () => {
  for (const imageSize of sizes) {
    const widths = [0.1, 1, 5, 15, 60, 600].map((minutes) => chosen({ imageSize, minutes }).config.baseWidth);
    assert.equal(
      widths,
      widths.toSorted((a, b) => a - b),
    );
    const { baseWidth } = chosen({ imageSize, minutes: 60 }).config;
    const shown = 3600 * imagesPerSecond(sizeOfText(imageSize)!, baseWidth);
    assert.ok(shown >= 100_000 || baseWidth === 16, `${imageSize}: ${shown} images`);
  }
});

test("R1's and R2's weight grows with the pixels", () => {
  const weights = ([64, 128, '64x96', 256] as const).map((imageSize) => {
    const { r1, r2 } = chosen({ imageSize }).config;
    assert.is(r1, r2);
    return r1;
  });
  assert.equal(weights, [0.5, 2, 0.75, 8]);
});

test('reasons name their flags, and the numbers that decided', () => {
  const reasons = (values: Partial<TrainConfig>, images?: number) =>
    chosen(values, images === undefined ? {} : { images }).recipe.reasons.join('\n');
  const text = reasons({ imageSize: 64 }, 500);
  assert.match(text, '--objective relativistic --r1 0.5 --r2 0.5 --r1-every 4');
  assert.match(text, /--augment color,translation,cutout: fewer than 2,000 images/);
  assert.match(text, /--images 200000: no length was given: 200,000 images of 64x64 take about 12 minutes/);
  assert.match(
    reasons({ imageSize: 64, minutes: 15 }),
    /--base-width 48: the widest that sees 100,000 images: in 15/,
  );
  assert.match(reasons({ imageSize: 256, minutes: 2 }), /--base-width 16: the narrowest: in 2 minutes/);
  assert.match(reasons({}, 30), /--batch 15: half of the 30 images/);
});

/** Flags that meet a recipe's choices, alone and in pairs. */
const flags: readonly Partial<TrainConfig>[] = [
  ...(
    ['minimax', 'least-squares', 'hinge', 'relativistic', 'non-saturating', 'wgan', 'wgan-gp'] as const
  ).map((objective) => ({ objective })),
  ...(['batch', 'layer', 'none'] as const).map((discriminatorNorm) => ({ discriminatorNorm })),
  { network: 'stylegan' },
  { condition: 'info' },
  { unroll: 2 },
  { labelSmoothing: 0.1 },
  { dropout: 0.3 },
  { discriminatorBatch: 'joined' },
  { r1: 3 },
  { r2: 0.1 },
  { r1: 0, r2: 0 },
  { r1: 0 },
  { r1Every: 1 },
  { accumulate: 3 },
  { batch: 12 },
  { baseWidth: 8 },
  { learningRate: 1e-4 },
  { learningRateEnd: 1e-5 },
  { schedule: 'linear' },
  { warmup: 5000 },
  { averageDecay: 0.9 },
  { averageHalfLife: 100 },
  { augment: null },
  { beta1: 0.9, beta2: 0.9 },
  { criticSteps: 3 },
];

/** True if the settings contradict each other, or the preset, without a recipe. */
function contradict(values: Partial<TrainConfig>, preset: string | null): boolean {
  const below = preset === null ? { steps: 100_000 } : presets[preset]!.values;
  try {
    resolveOverDefault([
      { source: 'below', values: below },
      { source: fromFlags, values },
    ]);
    return false;
  } catch {
    return true;
  }
}

test('flags win over either recipe, alone and in pairs; what they do not contradict alone is never refused', () => {
  let pairs = 0;
  for (const name of ['modern', 'paper'] as const) {
    for (const preset of [null, 'dcgan-64']) {
      for (const [i, one] of flags.entries()) {
        for (const other of flags.slice(i)) {
          const given: Partial<TrainConfig> = { imageSize: 64, ...one, ...other };
          if (contradict(given, preset)) continue;
          assertKept(chosen(given, { name, preset, images: 500 }).config, given);
          pairs += 1;
        }
      }
    }
  }
  assert.ok(pairs > 1000, `${pairs} pairs`);
});

test('a flag against the penalties takes the whole method away, and the reasons say so', () => {
  for (const [given, because] of [
    [{ discriminatorNorm: 'batch' }, '--discriminator-norm batch'],
    [{ objective: 'wgan' }, '--objective wgan'],
    [{ unroll: 1 }, '--unroll 1'],
    [{ network: 'stylegan' }, '--network stylegan'],
  ] as const) {
    const { config, recipe } = chosen({ imageSize: 64, ...given });
    const alone = resolveOverDefault([{ source: fromFlags, values: { imageSize: 64, ...given } }]);
    for (const key of [
      'objective',
      'r1',
      'r2',
      'r1Every',
      'discriminatorNorm',
      'learningRate',
      'beta1',
    ] as const) {
      assert.is(config[key], alone[key], `${because}: ${key}`);
    }
    assert.match(recipe.reasons.join('\n'), `without its loss and penalties, because of ${because}`);
  }
});

test('one penalty that is given is the weight of both, and without both none is lazy', () => {
  const penalties = (given: Partial<TrainConfig>) => {
    const { objective, r1, r2, r1Every } = chosen({ imageSize: 64, ...given }).config;
    return [objective, r1, r2, r1Every];
  };
  assert.equal(penalties({ r1: 3 }), ['relativistic', 3, 3, 4]);
  assert.equal(penalties({ r2: 3 }), ['relativistic', 3, 3, 4]);
  assert.equal(penalties({ r1: 0, r2: 0 }), ['relativistic', 0, 0, 1]);
  assert.equal(penalties({ objective: 'hinge' }), ['hinge', 0.5, 0.5, 4]);
});

test('the first command has the defaults but its method and length, and larger built-in faces the whole recipe', () => {
  const { config, recipe } = chosen({}, { isBuiltIn: true, images: 10_000 });
  const paired = { objective: 'relativistic', discriminatorNorm: 'none', r1Every: 4, beta1: 0 };
  const own = { ...paired, r1: 0.125, r2: 0.125, learningRate: 2e-3, steps: 1400 };
  assert.equal({ ...config }, { ...defaultConfig, ...own });
  assert.match(recipe.reasons.join(), /--r1 0\.125 .*about a minute/);
  assert.is(chosen({ imageSize: 64 }, { isBuiltIn: true }).config.learningRate, 1e-3);
});

test('the first command keeps what is given, and leaves its method to another loss or network', () => {
  const first = (given: Partial<TrainConfig>) => chosen(given, { isBuiltIn: true, images: 10_000 }).config;
  assert.equal([first({ minutes: 3 }).minutes, first({ minutes: 3 }).steps], [3, null]);
  for (const given of [{ objective: 'wgan-gp' }, { unroll: 5 }, { condition: 'info' }] as const) {
    const { objective, learningRate, r1 } = first(given);
    const plain = resolveOverDefault([{ source: fromFlags, values: given }]);
    assert.equal([objective, learningRate, r1], [plain.objective, plain.learningRate, plain.r1]);
  }
  assert.is(first({ objective: 'hinge' }).r1, 0.125);
});

test("recipe paper is the paper's: everything of preset paper-64 but its size and colours", () => {
  const preset = resolveOverDefault([{ source: 'paper-64', values: presets['paper-64']!.values }]);
  const { config } = chosen({ imageSize: 64 }, { name: 'paper' });
  const { reportEvery, sampleEvery, checkpointEvery } = config;
  assert.equal({ ...config }, { ...preset, reportEvery, sampleEvery, checkpointEvery });
  assert.is(chosen({ minutes: 3 }, { name: 'paper' }).config.minutes, 3);
  // The paper's optimiser goes with other losses and penalties of its family.
  for (const given of [{ r1: 1 }, { objective: 'relativistic' }] as const) {
    const { learningRate, discriminatorNorm } = chosen(given, { name: 'paper' }).config;
    assert.equal([learningRate, discriminatorNorm], [2e-4, 'none'], JSON.stringify(given));
  }
});

test('over a preset a recipe changes the method, and neither networks nor batch nor length', () => {
  const { config, recipe } = chosen({ data: '/photos' }, { preset: 'dcgan-64', images: 500 });
  const { objective, augment, baseWidth, batch, images } = config;
  assert.equal([objective, augment], ['relativistic', 'color,translation,cutout']);
  assert.equal([baseWidth, batch, images], [64, 64, 1_000_000]);
  assert.not.match(recipe.reasons.join('\n'), /--base-width|--batch|--images/);
});

test('a recipe is a function of its facts: the same choices each time, none of them twice', () => {
  const facts = { isBuiltIn: false, images: 700, size: { width: 64, height: 64 }, minutes: 9 };
  assert.equal(recipeChoices('modern', facts), recipeChoices('modern', facts));
  const keys = recipeChoices('modern', facts).flatMap(({ values }) => Object.keys(values));
  assert.is(new Set(keys).size, keys.length);
});

test.run();
