// Luminance and chroma. Luminance is the luma of ITU-R BT.601, as in the trainer's conversion to grey; chroma is each channel minus the
// luminance.

/** Weights of red, green and blue in luminance. */
export const lumaWeights = [0.299, 0.587, 0.114] as const;

/** The luminance [pixels] of an image [pixels · 3], both in [-1, 1]. */
export function luminanceOf(picture: ArrayLike<number>): Float32Array<ArrayBuffer> {
  const [red, green, blue] = lumaWeights;
  return Float32Array.from({ length: picture.length / 3 }, (_, i) => {
    return red * picture[3 * i]! + green * picture[3 * i + 1]! + blue * picture[3 * i + 2]!;
  });
}

/**
 * The chroma of `drawn` [pixels · 3] with the luminance of `known` [pixels · 3]. Where the combination leaves [-1, 1], the chroma is
 * reduced, so that the luminance stays exact.
 */
export function withLuminance(known: ArrayLike<number>, drawn: ArrayLike<number>): Float32Array<ArrayBuffer> {
  const [wanted, own] = [luminanceOf(known), luminanceOf(drawn)];
  const picture = new Float32Array(drawn.length);
  for (let i = 0; i < wanted.length; i++) {
    const luminance = Math.min(1, Math.max(-1, wanted[i]!));
    const chroma = [0, 1, 2].map((c) => drawn[3 * i + c]! - own[i]!);
    let share = 1;
    for (const value of chroma) {
      if (value > 0) share = Math.min(share, (1 - luminance) / value);
      if (value < 0) share = Math.min(share, (-1 - luminance) / value);
    }
    chroma.forEach((value, c) => (picture[3 * i + c] = luminance + share * value));
  }
  return picture;
}
