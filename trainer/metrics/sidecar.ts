// A feature network's sidecar: a small JSON file that describes the inputs and outputs of its ONNX file. It is beside the network
// (`squeezenet1.1.json`), or included in this program, where it is found by the network's sha256.
import {
  isListOf,
  isMatch,
  isNullOr,
  isNumber,
  isObject,
  isOneOf,
  isText,
  isWhole,
  refuse,
  type Check,
} from '../../runtime-web/format/fields.ts';

/** Description of a feature network. */
export interface Sidecar {
  /** Name in reports: `SqueezeNet 1.1 (ImageNet, Caffe weights)`. */
  readonly name: string;
  /** SHA-256 of the ONNX file: 64 lower-case hexadecimal digits. */
  readonly sha256: string;
  readonly licence: string;
  readonly source: string;
  readonly input: {
    readonly name: string;
    readonly layout: 'nchw' | 'nhwc';
    /** Side of the squares that images are resized to; null if the network takes any size. */
    readonly size: number | null;
    /**
     * Bicubic resizing to bytes, or to floats from 0 to 255; `network` if the network resizes images of any size itself.
     */
    readonly resize: 'cubic' | 'cubic-float' | 'network';
    /** Grey images: `repeat` copies the channel three times; `refuse` rejects them. */
    readonly grey: 'repeat' | 'refuse';
    /** The values of bytes 0 and 255. */
    readonly range: readonly [number, number];
  };
  readonly outputs: {
    /** [n, dim] */
    readonly features: string;
    /** [n, classes]; null if it has none. */
    readonly logits: string | null;
    /**
     * Layers for perceptual distances, [n, channels, h, w] or [n, h, w, channels] by `layout`; empty if it has none.
     */
    readonly layers: readonly string[];
  };
}

const isRange: Check<readonly [number, number]> = (value, place) => {
  const [min, max, ...more] = isListOf(isNumber())(value, place);
  if (min === undefined || max === undefined || more.length > 0 || min >= max) {
    throw refuse(value, 'two numbers, the lower first', place);
  }
  return [min, max];
};

const isNothing: Check<null> = (value, place) => {
  if (value !== null) throw refuse(value, 'null, because the network resizes the images itself', place);
  return null;
};

const isSidecar = isObject((sidecar): Sidecar => ({
  name: sidecar.get('name', isText),
  sha256: sidecar.get('sha256', isMatch(/^[0-9a-f]{64}$/, '64 lower-case hexadecimal digits')),
  licence: sidecar.get('licence', isText),
  source: sidecar.get('source', isText),
  input: sidecar.get(
    'input',
    isObject((input) => {
      const resize = input.get('resize', isOneOf('cubic', 'cubic-float', 'network'));
      return {
        name: input.get('name', isText),
        layout: input.get('layout', isOneOf('nchw', 'nhwc')),
        size: input.get('size', resize === 'network' ? isNothing : isWhole(8, 1024)),
        resize,
        grey: input.get('grey', isOneOf('repeat', 'refuse')),
        range: input.get('range', isRange),
      };
    }),
  ),
  outputs: sidecar.get(
    'outputs',
    isObject((outputs) => ({
      features: outputs.get('features', isText),
      logits: outputs.get('logits', isNullOr(isText)),
      layers: outputs.get('layers', isListOf(isText)),
    })),
  ),
}));

/** Parses a sidecar from JSON. Throws ModelFormatError, naming `where`, for the first error. */
export function parseSidecar(json: unknown, where: string): Sidecar {
  return isSidecar(json, { file: where, path: '', isLenient: false });
}
