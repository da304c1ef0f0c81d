// Transparency. Images with alpha are premultiplied while they are resized and learned from: colours that nobody sees then have no
// weight.

/** Straight [n, 4] uint8 → a new premultiplied [n, 4] uint8, rounded as Pillow's mode `RGBa` is. */
export function premultiply(pixels: Uint8Array): Uint8Array {
  const out = new Uint8Array(pixels.length);
  for (let i = 0; i < pixels.length; i += 4) {
    const alpha = pixels[i + 3]!;
    for (let c = i; c < i + 3; c++) {
      const product = pixels[c]! * alpha + 128;
      out[c] = ((product >> 8) + product) >> 8;
    }
    out[i + 3] = alpha;
  }
  return out;
}
