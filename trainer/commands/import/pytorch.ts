// Imports PyTorch files.
import { UserError } from '../../errors.ts';
import type { ImportFormat } from './import-format.ts';

/** PyTorch files, for `dcgan import`. */
export const pytorchFormat: ImportFormat = {
  title: 'PyTorch',
  endings: ['.pth', '.pt', '.safetensors'],
  options: [],
  run: () => Promise.reject(new UserError('PyTorch files cannot be imported yet')),
};
