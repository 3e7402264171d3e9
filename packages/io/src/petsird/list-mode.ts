/** Coincidences of a PETSIRD file as the list-mode noun, one time block at a time. */
import { DataError, type ListMode } from "@quintet/core";
import { fitPetsirdScanner } from "./fit-scanner.ts";
import type { PetsirdFile } from "./petsird.ts";

const millimetresPerPicosecond = 0.299792458;

/**
 * Prompts and delayeds of every event block. An event has the time of its block's middle: PETSIRD says no more. With TOF the
 * difference t_a - t_b is that of its bin's middle.
 *
 * @param clock name of the clock; second 0 is the start of the acquisition
 * @throws DataError `unsupported-scanner`; those of time blocks while they are walked
 */
export function* petsirdListMode(
  { header, blocks }: PetsirdFile,
  { file, clock = "pet" }: { readonly file: string; readonly clock?: string },
): Generator<ListMode> {
  const { scanner, detectorOf, energyBins } = fitPetsirdScanner(header, file);
  const edges = header.scanner.tofBinEdges[0]?.[0]?.edges ?? new Float32Array(0);
  const middles = Float32Array.from(
    { length: Math.max(0, edges.length - 1) },
    (_, i) => ((edges[i] as number) + (edges[i + 1] as number)) / millimetresPerPicosecond,
  );
  for (const [kind, block] of blocks) {
    if (kind !== "EventTimeBlock") continue;
    const [prompts, delayeds] = [block.promptEvents, block.delayedEvents].map(
      (lists) => lists[0]?.[0] ?? new Uint32Array(0),
    );
    const lists = [prompts as Uint32Array, delayeds as Uint32Array];
    const count = lists.reduce((sum, list) => sum + list.length / 3, 0);
    const { start, stop } = block.timeInterval;
    const [a, b] = [new Uint32Array(count), new Uint32Array(count)];
    const timeDifference = new Float32Array(count);
    const delayed = new Uint8Array(count);
    let at = 0;
    for (const [which, list] of lists.entries()) {
      for (let i = 0; i < list.length; i += 3, at++) {
        a[at] = detectorOf[Math.floor((list[i] as number) / energyBins)] as number;
        b[at] = detectorOf[Math.floor((list[i + 1] as number) / energyBins)] as number;
        timeDifference[at] = middles[list[i + 2] as number] as number;
        delayed[at] = which;
      }
    }
    yield {
      scanner,
      clock,
      time: new Float64Array(count).fill((start + stop) / 2000),
      a,
      b,
      ...(scanner.timeOfFlight ? { timeDifference } : {}),
      ...(delayeds && delayeds.length > 0 ? { delayed } : {}),
      start: start / 1000,
      duration: (stop - start) / 1000,
    };
  }
}

/**
 * Pieces of one scan as one: what fits in memory.
 *
 * @throws DataError `no-events` when there is no piece
 */
export function joinListModes(pieces: Iterable<ListMode>): ListMode {
  const all = [...pieces];
  const [first] = all;
  if (first === undefined) throw new DataError("no-events", "there are no event blocks", {});
  const count = all.reduce((sum, { a }) => sum + a.length, 0);
  const joined = <T extends Float64Array | Float32Array | Uint32Array | Uint8Array>(
    out: T,
    part: (piece: ListMode) => T | undefined,
  ): T => {
    let at = 0;
    for (const piece of all) {
      const values = part(piece);
      if (values) out.set(values, at);
      at += piece.a.length;
    }
    return out;
  };
  const end = Math.max(...all.map(({ start, duration }) => start + duration));
  const start = Math.min(...all.map((piece) => piece.start));
  return {
    scanner: first.scanner,
    clock: first.clock,
    time: joined(new Float64Array(count), ({ time }) => time as Float64Array<ArrayBuffer>),
    a: joined(new Uint32Array(count), ({ a }) => a as Uint32Array<ArrayBuffer>),
    b: joined(new Uint32Array(count), ({ b }) => b as Uint32Array<ArrayBuffer>),
    ...(first.timeDifference
      ? { timeDifference: joined(new Float32Array(count), (p) => p.timeDifference as Float32Array<ArrayBuffer>) }
      : {}),
    ...(all.some(({ delayed }) => delayed)
      ? { delayed: joined(new Uint8Array(count), (p) => p.delayed as Uint8Array<ArrayBuffer>) }
      : {}),
    start,
    duration: end - start,
  };
}
