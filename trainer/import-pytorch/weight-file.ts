// A file of weights: named tensors, each read when it is asked for.

/** A tensor of a file. */
export interface FileTensor {
  readonly shape: readonly number[];
  /** The elements in row-major order, as float32. Throws UserError for damaged elements and for integers. */
  read(): Promise<Float32Array<ArrayBuffer>>;
}

/** An open file of weights. Close it after use. */
export interface WeightFile {
  readonly format: 'pytorch' | 'safetensors';
  readonly tensors: ReadonlyMap<string, FileTensor>;
  close(): Promise<void>;
}
