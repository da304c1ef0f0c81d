// Writes PNG files of raw pixels, losslessly: canvases round the colours of transparent pixels.
import type { ImageShape } from '../format/image-shape.ts';
import { joined } from '../format/joined.ts';
import { crc32 } from '../format/crc32.ts';

/** The format's colour types by channels: grey, colour, colour and alpha. */
const colourTypes = { 1: 0, 3: 2, 4: 6 } as const;

/** A PNG of pixels [height, width, channels]; alpha must be straight. */
export async function pngOf(
  pixels: Uint8Array,
  { width, height, channels }: ImageShape,
): Promise<Uint8Array> {
  const line = width * channels;
  // Each line begins with its filter: none.
  const lines = new Uint8Array(height * (line + 1));
  for (let y = 0; y < height; y++) lines.set(pixels.subarray(y * line, (y + 1) * line), y * (line + 1) + 1);
  const header = new DataView(new ArrayBuffer(13));
  header.setUint32(0, width);
  header.setUint32(4, height);
  header.setUint8(8, 8);
  header.setUint8(9, colourTypes[channels]);
  const packed = new Blob([lines]).stream().pipeThrough(new CompressionStream('deflate'));
  return joined([
    Uint8Array.of(137, 80, 78, 71, 13, 10, 26, 10),
    ...chunk('IHDR', new Uint8Array(header.buffer)),
    ...chunk('IDAT', new Uint8Array(await new Response(packed).arrayBuffer())),
    ...chunk('IEND', new Uint8Array(0)),
  ]);
}

function chunk(type: string, data: Uint8Array): readonly Uint8Array[] {
  const body = joined([Uint8Array.from(type, (letter) => letter.charCodeAt(0)), data]);
  const frame = (value: number): Uint8Array => {
    const bytes = new DataView(new ArrayBuffer(4));
    bytes.setUint32(0, value);
    return new Uint8Array(bytes.buffer);
  };
  return [frame(data.length), body, frame(crc32(body))];
}
