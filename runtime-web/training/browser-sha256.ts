// SHA-256 by the browser.

/** The digest of bytes as 64 lower-case hexadecimal digits; null in pages that are neither on https nor on localhost, whose browsers refuse. */
export async function browserSha256(bytes: Uint8Array<ArrayBuffer>): Promise<string | null> {
  const subtle = globalThis.crypto.subtle as SubtleCrypto | undefined;
  const digest = await subtle?.digest('SHA-256', bytes).catch(() => undefined);
  return digest === undefined ? null : hexOf(new Uint8Array(digest));
}

/** Bytes as lower-case hexadecimal digits. */
export function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
