// Named tensors: the inputs and outputs of a session.

/** Inputs by name: values and shape. */
export type Feeds = Readonly<Record<string, readonly [Float32Array, readonly number[]]>>;
/** Outputs by name. */
export type Outputs = Readonly<
  Record<string, { readonly dims: readonly number[]; readonly data: Float32Array }>
>;
