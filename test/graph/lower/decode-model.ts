// Decodes the parts of a model file that tests compare.
import { modelType } from '../../../trainer/graph/lower/onnx-schema.ts';

interface Named {
  readonly name: string;
}

/** The graph in a model file. */
export interface DecodedModel {
  readonly opset_import: readonly { readonly domain: string; readonly version: string }[];
  readonly metadata_props?: readonly { readonly key: string; readonly value: string }[];
  readonly graph: {
    readonly name: string;
    readonly node: readonly {
      readonly name: string;
      readonly op_type: string;
      readonly domain?: string;
      readonly input: readonly string[];
      readonly output: readonly string[];
    }[];
    readonly initializer: readonly (Named & { readonly data_type: number; readonly raw_data: Uint8Array })[];
    readonly input: readonly Named[];
    readonly output: readonly Named[];
  };
}

/** Decodes a model file. */
export function decodeModel(bytes: Uint8Array): DecodedModel {
  return modelType.toObject(modelType.decode(bytes), {
    arrays: true,
    longs: String,
  }) as unknown as DecodedModel;
}
