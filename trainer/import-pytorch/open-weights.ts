// Opens a file of PyTorch's weights. Its first bytes tell the format.
import { reasonOf } from '../data/file-access.ts';
import { UserError } from '../errors.ts';
import { openRegular } from '../files/regular-file.ts';
import { openSafetensors } from './safetensors-file.ts';
import { openTorchFile } from './torch-file.ts';
import { oldMagic, openOldTorchFile } from './torch-old-file.ts';
import type { WeightFile } from './weight-file.ts';

/** Opens `.pth`, `.pt` or `.safetensors`. Throws UserError, in one line with the path, for anything else. */
export async function openWeights(path: string): Promise<WeightFile> {
  const start = await firstBytes(path, oldMagic.length);
  if (start[0] === 0x50 && start[1] === 0x4b) return openTorchFile(path);
  if (oldMagic.every((byte, i) => start[i] === byte)) return openOldTorchFile(path);
  // A header's length of 8 bytes, and the brace that opens its JSON.
  if (start[8] === 0x7b) return openSafetensors(path);
  throw new UserError(
    `${path}: neither a .pth of PyTorch nor safetensors; give the file of a state dict, as ` +
      `torch.save(netG.state_dict(), 'netG.pth') writes it`,
  );
}

async function firstBytes(path: string, count: number): Promise<Uint8Array> {
  await using file = await openRegular(path).catch((error: unknown) => {
    throw new UserError(`${path}: cannot be opened (${reasonOf(error)})`);
  });
  const bytes = new Uint8Array(count);
  const { bytesRead } = await file.read(bytes, 0, count, 0);
  return bytes.subarray(0, bytesRead);
}
