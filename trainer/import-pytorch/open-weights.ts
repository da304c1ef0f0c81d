// Opens a file of PyTorch's weights. Its first bytes tell the format.
import { basename } from 'node:path';
import { reasonOf } from '../data/file-access.ts';
import { UserError } from '../errors.ts';
import { openRegular } from '../files/regular-file.ts';
import { openSafetensors } from './safetensors-file.ts';
import { openTorchFile } from './torch-file.ts';
import type { WeightFile } from './weight-file.ts';

/** Start of the format that torch.save wrote before PyTorch 1.6: a pickle of a magic number, or of the one before it, a tar. */
const legacyMagic = [0x80, 0x02, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19];

/** Opens `.pth`, `.pt` or `.safetensors`. Throws UserError, in one line with the path, for anything else. */
export async function openWeights(path: string): Promise<WeightFile> {
  const start = await firstBytes(path, legacyMagic.length);
  if (start[0] === 0x50 && start[1] === 0x4b) return openTorchFile(path);
  if (legacyMagic.every((byte, i) => start[i] === byte)) throw legacy(path);
  // A header's length of 8 bytes, and the brace that opens its JSON.
  if (start[8] === 0x7b) return openSafetensors(path);
  throw new UserError(
    `${path}: neither a .pth of PyTorch 1.6 or later nor safetensors; give the file of a state dict, as ` +
      `torch.save(netG.state_dict(), 'netG.pth') writes it`,
  );
}

function legacy(path: string): UserError {
  const name = JSON.stringify(basename(path));
  return new UserError(
    `${path}: in the format that torch.save wrote before PyTorch 1.6; save it again with a newer PyTorch: ` +
      `torch.save(torch.load(${name}, map_location='cpu'), ${name})`,
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
