/** What was decoded, kept until its bytes are needed for something newer. */
export interface BoundedMemory<T> {
  /** The value under `key`, made when it is not there; two askers at once make it once. A failure is not kept. */
  get(key: string, make: () => Promise<T>): Promise<T>;
  readonly bytes: number;
}

/**
 * @param mostBytes of all values together; the one asked for last always stays
 * @param sizeOf bytes of a value
 */
export function boundedMemory<T>(mostBytes: number, sizeOf: (value: T) => number): BoundedMemory<T> {
  // A Map keeps the order of insertion: the first entry was not asked for the longest.
  const kept = new Map<string, { readonly value: T; readonly bytes: number }>();
  const making = new Map<string, Promise<T>>();
  let bytes = 0;
  return {
    get bytes() {
      return bytes;
    },
    async get(key, make) {
      const found = kept.get(key);
      if (found) {
        kept.delete(key);
        kept.set(key, found);
        return found.value;
      }
      const under = making.get(key);
      if (under) return under;
      const work = make().finally(() => making.delete(key));
      making.set(key, work);
      const value = await work;
      const own = { value, bytes: sizeOf(value) };
      kept.set(key, own);
      bytes += own.bytes;
      for (const [old, { bytes: size }] of kept) {
        if (bytes <= mostBytes || old === key) break;
        kept.delete(old);
        bytes -= size;
      }
      return value;
    },
  };
}
