// The files of a model package. The keys of `files` in model.json, the file names, and the flags of `dcgan export` with their help are
// derived from these two tables. docs/reference/model-package.md describes inputs and outputs.

/**
 * The flag of `dcgan export` that adds a file, by the file's role in model.json and in its order; null for a file that needs no flag.
 * Only `generator` is in every package. Pages carry this table, but not {@link packageFiles}.
 */
export const exportFlags = {
  generator: null,
  generatorFp16: null,
  preview: null,
  activations: '--activations',
  discriminator: '--discriminator',
  masked: '--masks',
  restoring: '--restoring',
  mapping: null,
  synthesis: null,
  steering: '--steering',
} as const satisfies Record<string, `--${string}` | null>;

/** The role of a file in its package: a key of {@link exportFlags}. */
export type FileRole = keyof typeof exportFlags;

/** All roles, in the table's order. */
export const fileRoles = Object.keys(exportFlags) as readonly FileRole[];

/** One kind of file. */
interface PackageFile {
  /** Its name in the package's folder, as `dcgan export` writes it. Readers go by the name in model.json. */
  readonly file: string;
  /** Its content in one line, for `--help`. */
  readonly about: string;
}

/** Every file by its role. */
export const packageFiles: Readonly<Record<FileRole, PackageFile>> = {
  generator: { file: 'generator.onnx', about: 'the generator in float32' },
  generatorFp16: {
    file: 'generator.fp16.onnx',
    about: 'the generator with half-precision weights, computed in float32',
  },
  preview: { file: 'preview.png', about: 'the images of seeds 0 to 15' },
  activations: {
    file: 'activations.onnx',
    about: 'the generator with the activations of every layer as outputs',
  },
  discriminator: {
    file: 'discriminator.onnx',
    about: 'the discriminator, with logits and the activations of every block as outputs',
  },
  masked: {
    file: 'masked.onnx',
    about:
      'the generator with activations as outputs and a mask per layer as input, which switches filters off',
  },
  restoring: {
    file: 'restoring.onnx',
    about:
      'an optimisation step that fits a latent to a damaged image (inpainting, denoising, colouring), with generator and discriminator inside',
  },
  mapping: { file: 'mapping.onnx', about: 'the mapping network of a style-based generator, from z to w' },
  synthesis: {
    file: 'synthesis.onnx',
    about: 'the synthesis network of a style-based generator, from one style per layer to images',
  },
  steering: {
    file: 'steer.onnx',
    about:
      'an optimisation step that adds an attribute to an image or removes it, with generator and classifier inside',
  },
};
