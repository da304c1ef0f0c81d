// The feature network that comes with this program, in a file of its own so that only those who measure load it.
import bytes from './embedded.onnx';
import sidecar from './embedded.json' with { type: 'json' };

/** Its ONNX file and its sidecar. */
export const embeddedNetwork: { readonly bytes: Uint8Array; readonly sidecar: unknown } = { bytes, sidecar };
