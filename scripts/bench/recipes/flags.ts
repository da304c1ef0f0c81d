// The flags of `bench -- recipes`.
import { join, resolve } from 'node:path';
import {
  listOf,
  option,
  positiveNumber,
  readFlags,
  repeated,
  text,
  toggle,
  wholeNumber,
} from '../../flags.ts';

/** The flags of this call. */
export const flags = readFlags({
  out: option(text, join('runs', 'recipes')),
  fashion: option(text),
  cifar: option(text),
  emoji: option(text),
  squeezenet: option(text),
  only: option(listOf(text)),
  recipes: option(listOf(text)),
  try: repeated(text),
  seeds: option(wholeNumber(), '1'),
  'first-seed': option(wholeNumber(), '1'),
  minutes: option(positiveNumber),
  width: option(wholeNumber(), '32'),
  threads: option(wholeNumber(), '2'),
  'cell-threads': option(wholeNumber()),
  engine: option(text, 'onnx-cpu'),
  points: option(wholeNumber(1, 100), '6'),
  count: option(wholeNumber(2), '5000'),
  'point-count': option(wholeNumber(2), '2000'),
  rates: toggle,
  'rate-seconds': option(positiveNumber, '45'),
  'by-rate': toggle,
  python: option(text),
  'with-pytorch': toggle,
  plan: toggle,
  table: toggle,
  json: toggle,
});

/** The folder of all cells. */
export const out = resolve(flags.out);

/** Prints a line with the time on stderr. */
export const say = (line: string): void => console.error(`${new Date().toISOString().slice(11, 19)} ${line}`);
