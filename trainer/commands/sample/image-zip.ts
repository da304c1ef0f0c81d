// A zip of single images with their `dataset.json`, written as the images are generated.
import { ZipWriter } from '../../../runtime-web/format/zip.ts';
import { labelsName } from '../../data/folder-layout.ts';
import { writeAtomically, writeFully } from '../../files/atomic-file.ts';
import { onDisk } from '../../files/disk.ts';
import type { Job } from '../../job.ts';
import { ownZipComment } from '../../pictures/mark.ts';
import { datasetJson } from './dataset-json.ts';
import { sampledPngs, type SampledImages } from './sampled-images.ts';

/** Writes the archive. Throws UserError if it cannot be written, the signal's reason when aborted; no file is left then. */
export async function writeImageZip(path: string, sampled: SampledImages, job: Job): Promise<void> {
  const { opened, images, madeBy } = sampled;
  let written = 0;
  try {
    await onDisk(
      path,
      () => 'give another --out',
      () =>
        writeAtomically(path, async (file) => {
          const zip = new ZipWriter();
          const put = async (name: string, bytes: Uint8Array): Promise<void> => {
            for (const part of zip.add({ path: name, bytes })) await writeFully(file, part);
          };
          const text = datasetJson(opened.model, images, madeBy);
          await put(labelsName, new TextEncoder().encode(text));
          for await (const { name, png } of sampledPngs(sampled, images, job)) {
            await put(name, png);
            written += 1;
          }
          for (const part of zip.end(ownZipComment)) await writeFully(file, part);
        }),
    );
  } catch (error) {
    if (job.signal.aborted)
      job.warn(`stopped after ${written} of ${images.size} images: ${path} is not written`);
    throw error;
  }
}
