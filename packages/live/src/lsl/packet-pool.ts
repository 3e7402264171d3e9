/** Bytes on their way to readers; the last to let go gives the memory back. */
export interface Packet {
  readonly bytes: Uint8Array;
  readonly hold: () => void;
  readonly release: () => void;
}

/** Freed buffers kept for the next packets, and the size from which a buffer is not kept. */
const keptBuffers = 8;
const keptBytes = 2 ** 20;
const smallest = 4096;

/**
 * Memory for packets, used again once no reader holds them. A buffer per push would be 20 kB 250 times a second for 64
 * channels at 20 kHz, memory outside the heap that makes the engine collect all of it every few seconds, for up to 12 ms.
 */
export function packetPool(): (size: number) => Packet {
  const free: ArrayBuffer[] = [];
  return (size) => {
    const fit = free.findIndex(({ byteLength }) => byteLength >= size);
    const buffer =
      fit >= 0
        ? (free.splice(fit, 1)[0] as ArrayBuffer)
        : new ArrayBuffer(Math.max(smallest, 2 ** Math.ceil(Math.log2(size))));
    let holders = 1;
    return {
      bytes: new Uint8Array(buffer, 0, size),
      hold() {
        holders++;
      },
      release() {
        holders--;
        if (holders === 0 && free.length < keptBuffers && buffer.byteLength <= keptBytes) free.push(buffer);
      },
    };
  };
}
