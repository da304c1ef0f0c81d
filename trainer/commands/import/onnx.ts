// Imports ONNX files.
import { UserError } from '../../errors.ts';
import type { ImportFormat } from './import-format.ts';

/** ONNX files, for `dcgan import`. */
export const onnxFormat: ImportFormat = {
  title: 'ONNX',
  endings: ['.onnx'],
  options: [],
  run: () => Promise.reject(new UserError('ONNX files cannot be imported yet')),
};
