// The question before a training takes much memory of a visitor's device.
import type { Prepared } from './packages.ts';
import { bytesOfTraining } from '../worker/train/memory-limit.ts';

/** Trainings that take more bytes than this ask first. */
const askAboveBytes = 512 * 2 ** 20;

/** Thrown before a training that takes much memory; the element asks the visitor. */
export class MemoryQuestion extends Error {
  override readonly name = 'MemoryQuestion';
  readonly bytes: number;

  constructor(bytes: number) {
    super(`the training takes about ${Math.ceil(bytes / 2 ** 20)} MB of memory`);
    this.bytes = bytes;
  }
}

/** The limit of memory for a training; undefined for the usual one. Throws MemoryQuestion for one that takes more than `allowed` bytes. */
export function memoryFor({ opened, images }: Prepared, allowed: number): number | undefined {
  const bytes = bytesOfTraining(opened, images.count);
  if (bytes <= askAboveBytes) return undefined;
  if (bytes > allowed) throw new MemoryQuestion(bytes);
  return bytes;
}
