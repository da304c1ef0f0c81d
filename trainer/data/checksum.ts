// A fast 32-bit checksum that detects damaged records of the cache; not secure against an attacker.

/** Checksum of bytes as an unsigned 32-bit integer (MurmurHash3's mixing, Appleby 2011, four bytes at a time). */
export function checksum(bytes: Uint8Array): number {
  const words = bytes.length >> 2;
  let hash = bytes.length | 0;
  if (bytes.byteOffset % 4 === 0) {
    const view = new Int32Array(bytes.buffer, bytes.byteOffset, words);
    for (let i = 0; i < words; i++) hash = mix(hash, view[i]!);
  } else {
    for (let i = 0, p = 0; i < words; i++, p += 4) {
      const word = bytes[p]! | (bytes[p + 1]! << 8) | (bytes[p + 2]! << 16) | (bytes[p + 3]! << 24);
      hash = mix(hash, word);
    }
  }
  for (let p = words << 2; p < bytes.length; p++) hash = mix(hash, bytes[p]!);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

function mix(hash: number, word: number): number {
  const k = Math.imul(word, 0xcc9e2d51);
  const h = hash ^ Math.imul((k << 15) | (k >>> 17), 0x1b873593);
  return (Math.imul((h << 13) | (h >>> 19), 5) + 0xe6546b64) | 0;
}
