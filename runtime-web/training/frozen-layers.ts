// D's layers from the image on, for FreezeD (Mo 2020): the first ones keep their weights.

/** The names of the parameters of D's first `count` layers among the state's. Throws RangeError for more than there are before the last. */
export function firstLayersOfD(names: readonly string[], count: number): readonly string[] {
  const layerOf = (name: string): string | undefined =>
    /^discriminator\/(block\d+|\d+x\d+)\//.exec(name)?.[1];
  const layers = [...new Set(names.flatMap((name) => layerOf(name) ?? []))].sort((a, b) => {
    // Blocks are numbered from the image on; sizes shrink from it.
    const [first, second] = [a, b].map((layer) => parseInt(layer.replace('block', '')));
    return a.startsWith('block') ? first! - second! : second! - first!;
  });
  if (!Number.isInteger(count) || count < 0 || count > layers.length)
    throw new RangeError(
      `freezeD: got ${count}, expected a whole number from 0 to ${layers.length}, the layers of D before its last`,
    );
  const frozen = layers.slice(0, count);
  const isImage = (name: string): boolean => count > 0 && name.startsWith('discriminator/image/');
  return names.filter((name) => frozen.includes(layerOf(name) ?? '') || isImage(name));
}
