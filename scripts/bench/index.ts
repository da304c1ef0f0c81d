// `npm run bench -- NAME [flags]`: runs one of the benches, each as a separate process.
import { spawn } from 'node:child_process';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { didYouMean } from '../../trainer/errors.ts';
import { refuse } from '../flags.ts';

/** The benches with a line about each. */
const benches: Readonly<Record<string, string>> = {
  step: 'the training step of DCGAN, or with --network modern of R3GAN, on the engines of the processor and in PyTorch (default)',
  gpu: 'the same step on the engines that use a GPU, by batch size',
  grouped: 'residual blocks with grouped and with plain convolutions, in ONNX Runtime and in PyTorch',
  quality: "models of this program and of PyTorch's DCGAN example, compared by Fréchet distance",
  distortions: 'distances between images and distorted copies, by feature network',
  discriminator: "how well a package's discriminator tells real from fake",
  conditional: 'accuracy and purity of models of classes and of codes',
  conditions: 'how well models of attributes and of numbers obey',
  family: 'every method trained on the same images; with --costs, the cost of their steps',
  mixture: 'modes of a mixture of Gaussians found by unrolled GANs',
  dedupe: 'planted copies that dedupe finds',
  restoring: 'restoring in the browser: updates per second, main-thread pauses',
  web: 'the browser runtime: images per second, main-thread pauses, bytes',
  'train-web':
    'training in a page beside onnxruntime-node: images per second, time outside ONNX Runtime, time to images, memory',
  faces: 'the face finder on photographs with known eyes',
  run: 'the default run of this checkout and of another one, by turns, and what evaluations cost',
  audit: 'audits of a model that memorised its images, and of healthy ones',
  recipes: "recipes of training and PyTorch's example, for equal minutes on several image sets",
  features: "accuracy of a linear classifier on the features of several runs' discriminators",
  reading: 'photographs of 12 megapixels read into the cache, by this program and by Pillow',
};

const [first, ...rest] = process.argv.slice(2);
const isNamed = first !== undefined && !first.startsWith('-');
const name = isNamed ? first : 'step';
if (first === '--help') {
  console.log('Usage: npm run bench -- [NAME] [flags]; NAME --help lists its flags\n');
  for (const [bench, about] of Object.entries(benches)) console.log(`  ${bench.padEnd(13)}${about}`);
} else if (!Object.hasOwn(benches, name)) {
  const names = Object.keys(benches);
  refuse(`no bench '${name}'${didYouMean(name, names)} (there are: ${names.join(', ')})`);
} else {
  const program = fileURLToPath(new URL(`./${name}.js`, import.meta.url));
  const flags = isNamed ? rest : process.argv.slice(2);
  const args = ['--enable-source-maps', program, ...flags];
  const child = spawn(process.execPath, args, { stdio: 'inherit' });
  // A bench that trains for hours ends with this process, however it is ended.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal));
  child.on('close', (code) => (process.exitCode = code ?? 1));
}
