// The files of a model package: one row a file. The keys of `files` in model.json, the file names, and the flags of `dcgan
// export` with their help are derived from this table. A file with a flag is optional; docs/model-package.md has inputs and outputs.

/** One kind of file. */
interface PackageFile {
  /** Its name in the package's folder, as `dcgan export` writes it. Readers go by the name in model.json. */
  readonly file: string;
  /** The flag of `dcgan export` that adds it; null for a file that needs no flag. */
  readonly flag: `--${string}` | null;
  /** Its content in one line, for `--help`. */
  readonly about: string;
}

/** Every file by its role, in the order of model.json. Only `generator` is in every package. */
export const packageFiles = {
  generator: { file: 'generator.onnx', flag: null, about: 'the generator in float32' },
  generatorFp16: {
    file: 'generator.fp16.onnx',
    flag: null,
    about: 'the generator with half-precision weights, computed in float32',
  },
  preview: { file: 'preview.png', flag: null, about: 'the images of seeds 0 to 15' },
  activations: {
    file: 'activations.onnx',
    flag: '--activations',
    about: 'the generator with the activations of every layer as outputs',
  },
  discriminator: {
    file: 'discriminator.onnx',
    flag: '--discriminator',
    about: 'the discriminator, with logits and the activations of every block as outputs',
  },
  masked: {
    file: 'masked.onnx',
    flag: '--masks',
    about:
      'the generator with activations as outputs and a mask per layer as input, which switches filters off',
  },
  restoring: {
    file: 'restoring.onnx',
    flag: '--restoring',
    about:
      'an optimisation step that fits a latent to a damaged image (inpainting, denoising, colouring), with generator and discriminator inside',
  },
  mapping: {
    file: 'mapping.onnx',
    flag: null,
    about: 'the mapping network of a style-based generator, from z to w',
  },
  synthesis: {
    file: 'synthesis.onnx',
    flag: null,
    about: 'the synthesis network of a style-based generator, from one style per layer to images',
  },
  steering: {
    file: 'steer.onnx',
    flag: '--steering',
    about:
      'an optimisation step that adds an attribute to an image or removes it, with generator and classifier inside',
  },
} as const satisfies Record<string, PackageFile>;

/** The role of a file in its package: a key of {@link packageFiles}. */
export type FileRole = keyof typeof packageFiles;

/** All roles, in the table's order. */
export const fileRoles = Object.keys(packageFiles) as readonly FileRole[];
