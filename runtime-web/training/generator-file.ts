// A generator's ONNX file of the sampling graph: the state becomes initialisers, and inputs and outputs get the names of a model package.
import { graphNames } from '../format/training/graph-names.ts';
import type { FloatTensor, FloatTensors } from '../format/training/tensors.ts';
import { joined } from '../format/joined.ts';
import { fieldOf, fieldsOf, numberField, textOf, type Field } from '../format/protobuf.ts';

/** Field numbers of onnx.proto. */
const numbers = {
  model: { graph: 7 },
  graph: { node: 1, initializer: 5, input: 11, output: 12 },
  node: { input: 1, output: 2 },
  value: { name: 1 },
  tensor: { dims: 1, dataType: 2, name: 8, rawData: 9 },
} as const;
/** TensorProto.FLOAT. */
const float = 1;

/** The file's bytes. Throws RangeError for bytes that are no ONNX file, and for a graph that takes an entry that the state lacks. */
export function generatorFile(sample: Uint8Array, state: FloatTensors): Uint8Array<ArrayBuffer> {
  return joined(
    fieldsOf(sample).map((field) =>
      field.number === numbers.model.graph
        ? fieldOf(field.number, generatorGraph(field.content!, state))
        : field.bytes,
    ),
  );
}

/** The name of a package's input or output; undefined for any other value. */
function publicName(name: string): string | undefined {
  const prefix = [graphNames.input(''), graphNames.output('')].find((each) => name.startsWith(each));
  return prefix && name.slice(prefix.length);
}

function generatorGraph(graph: Uint8Array, state: FloatTensors): Uint8Array {
  const { node, initializer, input, output } = numbers.graph;
  const parts = fieldsOf(graph).map((field): Uint8Array => {
    if (field.number === node)
      return fieldOf(node, renamed(field, [numbers.node.input, numbers.node.output]));
    if (field.number !== input && field.number !== output) return field.bytes;
    const name = textOf(fieldsOf(field.content!).find(({ number }) => number === numbers.value.name)!);
    if (publicName(name) !== undefined) return fieldOf(field.number, renamed(field, [numbers.value.name]));
    const tensor = state[name];
    if (tensor === undefined) throw new RangeError(`sample.onnx takes ${name}, which the state lacks`);
    return fieldOf(initializer, tensorOf(name, tensor));
  });
  return joined(parts);
}

/** A message whose texts in these fields have their public names. */
function renamed({ content }: Field, fields: readonly number[]): Uint8Array {
  return joined(
    fieldsOf(content!).map((field) => {
      const name = fields.includes(field.number) ? publicName(textOf(field)) : undefined;
      return name === undefined ? field.bytes : fieldOf(field.number, name);
    }),
  );
}

function tensorOf(name: string, { shape, data }: FloatTensor): Uint8Array {
  const { dims, dataType, name: nameField, rawData } = numbers.tensor;
  return joined([
    ...shape.map((side) => numberField(dims, side)),
    numberField(dataType, float),
    fieldOf(nameField, name),
    fieldOf(rawData, new Uint8Array(data.buffer, data.byteOffset, data.byteLength)),
  ]);
}
