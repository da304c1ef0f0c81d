// Luminance and chroma. Luminance is the luma of ITU-R BT.601, as in the trainer's conversion to grey; chroma is each channel minus the
// luminance.

/** Weights of red, green and blue in luminance. */
export const lumaWeights = [0.299, 0.587, 0.114] as const;

/** The luminance [pixels] of an image [pixels · 3], both in [-1, 1]. */
export function luminanceOf(image: ArrayLike<number>): Float32Array<ArrayBuffer> {
  const [red, green, blue] = lumaWeights;
  return Float32Array.from({ length: image.length / 3 }, (_, i) => {
    return red * image[3 * i]! + green * image[3 * i + 1]! + blue * image[3 * i + 2]!;
  });
}

/**
 * The chroma of `generated` [pixels · 3] with the luminance of `known` [pixels · 3]. Where the combination leaves [-1, 1], the chroma is
 * reduced, so that the luminance stays exact.
 */
export function withLuminance(
  known: ArrayLike<number>,
  generated: ArrayLike<number>,
): Float32Array<ArrayBuffer> {
  const [wanted, own] = [luminanceOf(known), luminanceOf(generated)];
  const image = new Float32Array(generated.length);
  for (let i = 0; i < wanted.length; i++) {
    const luminance = Math.min(1, Math.max(-1, wanted[i]!));
    const chroma = [0, 1, 2].map((c) => generated[3 * i + c]! - own[i]!);
    let share = 1;
    for (const value of chroma) {
      if (value > 0) share = Math.min(share, (1 - luminance) / value);
      if (value < 0) share = Math.min(share, (-1 - luminance) / value);
    }
    chroma.forEach((value, c) => (image[3 * i + c] = luminance + share * value));
  }
  return image;
}
