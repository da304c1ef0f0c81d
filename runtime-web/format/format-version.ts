// The version of model.json that this code writes, and those that it reads.
import { isMatch, refuse, type Check } from './fields.ts';

/** The version that this code writes, `major.minor`. It reads every minor version of the same major version. */
export const formatVersion = '1.7';

/** The version of a package that this code can read. */
export const isReadableVersion: Check<string> = (value, place) => {
  const version = isMatch(/^\d{1,4}\.\d{1,4}$/, `a version such as "${formatVersion}"`)(value, place);
  const [major, own] = [parseInt(version), parseInt(formatVersion)];
  if (major > own) {
    throw refuse(value, `${own}.x: the model was made by a newer version of this software; update it`, place);
  }
  if (major < own) throw refuse(value, `${own}.x: the model is too old; export it again`, place);
  return version;
};

/** True for a newer minor version, whose unknown keys are ignored. */
export function isNewer(version: string): boolean {
  return minorOf(version) > minorOf(formatVersion);
}

function minorOf(version: string): number {
  return Number(version.split('.')[1]);
}
