// Named tensors that go into a session and come out of one.

/** Inputs by name, and their shapes. */
export type Feeds = Readonly<Record<string, readonly [Float32Array, readonly number[]]>>;
/** Tensors by name. */
export type Outputs = Readonly<
  Record<string, { readonly dims: readonly number[]; readonly data: Float32Array }>
>;
