/** How many pictures a WebM file holds: the blocks of its clusters (RFC 8794, Matroska ids). */
const segment = 0x18538067;
const cluster = 0x1f43b675;
const simpleBlock = 0xa3;
const blockGroup = 0xa0;

export function picturesOf(bytes: Uint8Array): number {
  let [at, count] = [0, 0];
  /** A number of 1 to 8 bytes, as many as its first byte has leading zeros and one more; `mark`: with its length bit. */
  const number = (mark: boolean): number => {
    const first = bytes[at] as number;
    const length = Math.clz32(first) - 23;
    let value = mark ? first : first & (0xff >> length);
    for (let i = 1; i < length; i++) value = 256 * value + (bytes[at + i] as number);
    at += length;
    // All ones: of unknown length, to the end of what holds it.
    return !mark && value === 2 ** (7 * length) - 1 ? Number.POSITIVE_INFINITY : value;
  };
  while (at < bytes.length) {
    const [id, size] = [number(true), number(false)];
    // What holds others is walked into, the rest passed over.
    if (id === segment || id === cluster) continue;
    if (id === simpleBlock || id === blockGroup) count++;
    at += size;
  }
  return count;
}
