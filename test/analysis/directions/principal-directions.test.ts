// Principal directions against NumPy and scikit-learn on matrices that are written by formula here and there, and on generators of
// both heads, from their files alone.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Random } from '../../../runtime-web/format/random.ts';
import { firstActivations, readFirstLayer } from '../../../trainer/analysis/directions/first-layer.ts';
import { principalComponents } from '../../../trainer/analysis/directions/principal-components.ts';
import {
  asPrincipalDirections,
  factorise,
  isPrincipal,
  regressComponents,
} from '../../../trainer/analysis/directions/principal-directions.ts';
import { encodeGenerator } from '../../../trainer/export/onnx-generator.ts';
import { foldGenerator } from '../../../trainer/frozen/fold.ts';
import { cutAt, readModel, weightOf } from '../../../trainer/graph/lower/read-model.ts';
import { assertClose } from '../../shared/closeness.ts';
import { randomState } from '../../export/random-state.ts';
import { runModel } from '../../graph/lower/run-graph.ts';
import { smallConfig } from '../../shared/small-config.ts';

const test = suite('principal directions');
const signal = new AbortController().signal;
const close = (got: ArrayLike<number>, wanted: readonly number[], tolerance: number): void =>
  wanted.forEach((value, i) =>
    assert.ok(Math.abs(got[i]! - value) < tolerance, `[${i}]: ${got[i]}, expected ${value}`),
  );
const table = (rows: number, columns: number, at: (i: number, j: number) => number): Float32Array =>
  Float32Array.from({ length: rows * columns }, (_, k) => at(Math.floor(k / columns), k % columns));

test('closed-form factorisation gives NumPy’s eigenvectors of AᵀA', () => {
  // W = np.array([[np.sin(1+3*i+j*j) + (i+1)*np.cos(j+i) for j in range(12)] for i in range(5)])
  // l, V = np.linalg.eigh(W @ W.T); l[::-1] / l.sum(), V[:, ::-1], each with its largest number positive
  const weights = table(5, 12, (i, j) => Math.sin(1 + 3 * i + j * j) + (i + 1) * Math.cos(j + i));
  const found = factorise(weights, 5, 3);
  assert.is(found.length, 3);
  const shares = found.map(({ figures }) => figures['eigenvalueShare']!);
  close(shares, [0.5845150169773041, 0.34438366408755183, 0.06860321194217524], 1e-6);
  [
    [-0.16618338696451898, -0.2809331499125973, -0.09968480992431253, 0.5012991329092809, 0.7951237420627958],
    [-0.1954600915534616, 0.22764433677341578, 0.5994942029228081, 0.6740473188891166, -0.31022624180627384],
    [0.41890243962956114, -0.3588940495173772, 0.7383832953900994, -0.30189312566929694, 0.24365232823820762],
  ].forEach((vector, k) => close(found[k]!.vector, vector, 1e-5));
  assert.is(factorise(weights, 5, 9).length, 5);
});

test('principal components are scikit-learn’s if the subspace is the whole space', async () => {
  // X = np.array([[np.sin(i*(j+1)*.37)*(6-j) + np.cos(i*i*.11+j) for j in range(6)] for i in range(40)])
  // p = PCA(3, svd_solver='full').fit(X); p.explained_variance_, X.var(0, ddof=1).sum(), p.components_
  const rows = table(40, 6, (i, j) => Math.sin(i * (j + 1) * 0.37) * (6 - j) + Math.cos(i * i * 0.11 + j));
  const found = await principalComponents({ rows, width: 6, count: 3, random: new Random(1), signal });
  close(found.variances, [18.667938755920478, 13.408776301185839, 8.397563288384868], 1e-4);
  assert.ok(Math.abs(found.totalVariance - 49.67767033079056) < 1e-4);
  [
    [0.9830237550089945, -0.015827445304620873, -0.14355602628412084, -0.08154085914493321],
    [0.050442849014828296, 0.966677307663825, 0.23355996240764776, -0.052817780361288834],
    [0.16076246682358913, -0.20488642891501524, 0.8909798879475544, 0.3669906586548427],
  ].forEach((vector, k) => close(found.components[k]!, vector, 1e-5));
});

test('and if the subspace has fewer dimensions than the space', async () => {
  // i, j = np.arange(300)[:, None], np.arange(100)[None, :]; f = np.sin(i*12.9898 + j*78.233)*43758.5453
  // X = (f - np.floor(f) - .5)*(2 - j/60); p = PCA(4, svd_solver='full').fit(X): a spectrum that falls slowly, .48, .44, .41
  const rows = table(300, 100, (i, j) => {
    const f = Math.sin(i * 12.9898 + j * 78.233) * 43758.5453;
    return (f - Math.floor(f) - 0.5) * (2 - j / 60);
  });
  const given = { rows, width: 100, count: 4, signal };
  const found = await principalComponents({ ...given, random: new Random(1) });
  const again = await principalComponents({ ...given, random: new Random(2) });
  close(
    found.variances,
    [0.4814881818479862, 0.4445304054857229, 0.41447775667064457, 0.40797023742244115],
    2e-5,
  );
  assert.ok(Math.abs(found.totalVariance - 13.3028670875069) < 1e-4);
  [
    [0.09145868905501013, 0.1374320945254811, -0.11432385180524168, 0.42992334405710403],
    [0.41995585144559605, 0.29399127163243566, -0.11099475857444768, 0.26860186774015143],
    [0.36472400656406706, -0.18894064676705613, -0.09648587690155316, -0.42504874958901284],
    [-0.15396879594870083, 0.4878739691778465, 0.06888653203509251, -0.07035516921707466],
  ].forEach((vector, k) => close(found.components[k]!, vector, 0.01));
  for (const k of [0, 1, 2, 3]) {
    // From another start it is the same.
    close(again.components[k]!, [...found.components[k]!], 0.01);
    // Scores are the rows along the component.
    let sum = 0;
    for (let i = 0; i < 300; i++) sum += found.scores[i * 4 + k]! ** 2 / 299;
    assert.ok(Math.abs(sum - found.variances[k]!) < 1e-6 * sum);
  }
});

test('components of activations come back to z as scikit-learn and least squares bring them', async () => {
  // Z = [[sin(1.7i + 2.3d² + .9id)]], A = [[cos(.8do + d + .5o) * (4-d)]], Y = np.maximum(0, Z @ A)
  // p = PCA(3, svd_solver='full').fit(Y); x = p.transform(Y); U = np.linalg.lstsq(x, Z - Z.mean(0))[0]
  // p.explained_variance_ratio_, U / norm(U), np.corrcoef(x[:, k], Z @ U[k])[0, 1] ** 2
  const latents = table(200, 4, (i, d) => Math.sin(1.7 * i + 2.3 * d * d + 0.9 * i * d));
  const layer = table(4, 9, (d, o) => Math.cos(0.8 * d * o + d + 0.5 * o) * (4 - d));
  const activations = table(200, 9, (i, o) => {
    let sum = 0;
    for (let d = 0; d < 4; d++) sum += latents[i * 4 + d]! * layer[d * 9 + o]!;
    return Math.max(0, sum);
  });
  const found = await regressComponents({
    activations,
    width: 9,
    latents,
    latentDim: 4,
    count: 3,
    random: new Random(1),
    signal,
  });
  const of = (name: string): number[] => found.map(({ figures }) => figures[name]!);
  close(of('varianceShare'), [0.46873592558534116, 0.23802306207036586, 0.1374488652238523], 1e-5);
  close(of('latentFit'), [0.960232026635992, 0.8020046160629858, 0.6710954496088397], 1e-4);
  [
    [-0.9952603436975431, -0.038661060517427265, 0.06700752014645829, 0.05892506178645856],
    [0.09790041391314862, -0.9623836046019713, -0.2531793588994589, -0.011555032505785568],
    [-0.015554701052506642, -0.5242554855166514, 0.8452179580928313, 0.10257114846901158],
  ].forEach((vector, k) => close(found[k]!.vector, vector, 1e-4));
});

test('an activation that no latent changes has no direction, and is no error', async () => {
  const latents = new Random(1).fillLatent(new Float32Array(40 * 3), 'normal');
  const activations = new Float32Array(40 * 5).fill(2);
  const given = { activations, width: 5, latents, latentDim: 3, count: 2, random: new Random(1), signal };
  for (const { vector, figures } of await regressComponents(given)) {
    assert.ok(vector.every((value) => value === 0));
    assert.equal(figures, { varianceShare: 0, latentFit: 0 });
  }
});

for (const head of ['dense', 'convolutional'] as const) {
  test(`a generator with a ${head} head is read from its file: weights, and the output of its first layer`, async () => {
    const config = { ...smallConfig, head };
    const generator = foldGenerator(config, randomState(config));
    const file = encodeGenerator(generator, { name: 'g', latentDim: config.latent, isHalf: false });
    const layer = readFirstLayer(file, config.latent, 'g.onnx');
    assert.is(layer.outputs, 16 * 2 * config.baseWidth);
    // AᵀA is the same whatever the order of the outputs; the checkpoint's kernel has z first, or last.
    const kernel = generator.parameters['generator/project/kernel']!;
    const gram = (at: (d: number, o: number) => number): number[] =>
      Array.from({ length: config.latent ** 2 }, (_, k) => {
        let sum = 0;
        for (let o = 0; o < layer.outputs; o++) {
          sum += at(Math.floor(k / config.latent), o) * at(k % config.latent, o);
        }
        return sum;
      });
    const wanted = gram((d, o) =>
      head === 'dense' ? kernel.data[d * layer.outputs + o]! : kernel.data[o * config.latent + d]!,
    );
    close(
      gram((d, o) => layer.weights[d * layer.outputs + o]!),
      wanted,
      1e-5,
    );
    // The layer's output in the whole generator.
    const z = new Random(4).fillLatent(new Float32Array(70 * config.latent), 'normal');
    const found = await firstActivations(layer, z, config.latent, { threads: 1, signal });
    const whole = encodeGenerator(generator, {
      name: 'g',
      latentDim: config.latent,
      isHalf: false,
      withLayers: true,
    });
    const outputs = await runModel(whole, {
      z: { shape: [70, config.latent], dtype: 'float32', data: z },
    });
    const project = outputs['generator/project']!;
    assert.is(found.length, project.data.length);
    // In the file's order, which may have channels before places: sorted, each picture's numbers are the same.
    for (const picture of [0, 69]) {
      const cut = (data: ArrayLike<number>): number[] =>
        Array.from({ length: layer.outputs }, (_, o) => data[picture * layer.outputs + o]!).sort(
          (a, b) => a - b,
        );
      assertClose(Float32Array.from(cut(found)), Float32Array.from(cut(project.data)), 1e-5, 'first layer');
    }
    assert.ok(found.some((value) => value > 0) && found.every((value) => value >= 0));
    assert.ok(readModel(layer.file).graph.node.length < readModel(file).graph.node.length / 2);
  });
}

test('a file without such a layer is refused, and the message names the missing part', () => {
  const generator = foldGenerator(smallConfig, randomState(smallConfig));
  const file = encodeGenerator(generator, { name: 'g', latentDim: smallConfig.latent, isHalf: false });
  assert.throws(() => readFirstLayer(file, 7, 'g.onnx'), /g\.onnx: .*expected 7 rows/);
  const half = encodeGenerator(generator, { name: 'g', latentDim: smallConfig.latent, isHalf: true });
  assert.throws(
    () => readFirstLayer(half, smallConfig.latent, 'h.onnx'),
    /h\.onnx: its first layer cannot be analysed: z goes into operator \w+, expected .* rows of float32 weights/,
  );
  assert.is(weightOf(readModel(file), 'nothing'), null);
  // Nodes after the cut are dropped.
  const model = readModel(file);
  const first = model.graph.node[0]!.output[0]!;
  assert.is(readModel(cutAt(file, first)).graph.node.length, 1);
});

test('directions are named by number, and are as long as two standard deviations of the latent', () => {
  const found = [{ vector: Float64Array.of(0.6, 0.8), figures: { eigenvalueShare: 0.123456 } }];
  const [normal] = asPrincipalDirections(found, 'normal');
  assert.equal(normal, { name: 'principal 1', vector: [1.2, 1.6], figures: { eigenvalueShare: 0.1235 } });
  const [uniform] = asPrincipalDirections(found, 'uniform');
  assert.ok(Math.abs(Math.hypot(...uniform!.vector) - 2 / Math.sqrt(3)) < 1e-5);
  assert.ok(isPrincipal('principal 12') && !isPrincipal('principal') && !isPrincipal('my principal 1'));
});

test.run();
