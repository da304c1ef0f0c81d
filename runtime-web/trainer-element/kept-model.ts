// Models that were made on this device, for <dcgan-viewer>: their files are in the browser's storage, under an address that nobody serves.
// Its fragment `#kept` tells the viewer's worker to read it there.
import { keep } from '../stored-files.ts';
import { storedEntries } from './stored-entries.ts';

/**
 * Stores a zip of a model package; resolves to the address of its `model.json` for a viewer. The storage drops the oldest models first.
 * Throws Error where the browser has no storage, or it is full.
 */
export async function keptModel(zip: Blob): Promise<string> {
  const entries = storedEntries(new Uint8Array(await zip.arrayBuffer()));
  const record = entries.get('model.json');
  if (record === undefined) throw new Error('the zip has no model.json');
  const text = new TextDecoder().decode(record);
  const { file, sha256 } = (JSON.parse(text) as { files: { generator: { file: string; sha256: string } } })
    .files.generator;
  const folder = new URL(`dcgan-kept/${sha256.slice(0, 16)}/`, document.baseURI);
  const reasons = [
    await keep(
      `${new URL(file, folder).href}?sha256=${sha256}`,
      entries.get(file)!.slice().buffer,
      'application/octet-stream',
    ),
    await keep(new URL('model.json', folder).href, text, 'application/json'),
  ];
  const reason = reasons.find((each) => each !== null);
  if (reason != null) throw new Error(`the model cannot be played here: ${reason}; save it instead`);
  return new URL('model.json#kept', folder).href;
}
