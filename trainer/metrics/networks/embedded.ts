// The embedded feature network, in a file of its own so that it is loaded only when needed.
import bytes from './embedded.onnx';
import sidecar from './embedded.json' with { type: 'json' };

/** Its ONNX file and its sidecar. */
export const embeddedNetwork: { readonly bytes: Uint8Array; readonly sidecar: unknown } = { bytes, sidecar };
