// Converts colour to grey by luma (ITU-R BT.601), as Pillow and most data loaders do.

/** [n, 3] uint8 → a new [n] uint8, with n = pixels.length / 3. Grey pixels keep their value. */
export function toGrey(pixels: Uint8Array): Uint8Array<ArrayBuffer> {
  const grey = new Uint8Array(pixels.length / 3);
  for (let i = 0, p = 0; i < grey.length; i++, p += 3) {
    // Weights 0.299, 0.587 and 0.114 in 16-bit fixed point; they sum to 65536.
    grey[i] = (pixels[p]! * 19595 + pixels[p + 1]! * 38470 + pixels[p + 2]! * 7471 + 0x8000) >> 16;
  }
  return grey;
}
