/** What PETSIRD's model demands and its bytes cannot say: finite geometry, rising edges, events within the scanner. */
import { DataError } from "@quintet/core";
import type { PetsirdBins, PetsirdHeader, PetsirdTimeBlock } from "./model.ts";

/** How many detection bins each type of module has, how many TOF bins each pair, and which signals are announced. */
export interface PetsirdExtents {
  readonly detectionBins: readonly number[];
  readonly tofBins: readonly (readonly number[])[];
  readonly signals: ReadonlySet<number>;
}

/** @throws DataError `bad-petsird` naming the part of the header */
export function checkHeader({ scanner, exam }: PetsirdHeader, file: string): PetsirdExtents {
  const wrong = (what: string, expected: string, found: string): DataError =>
    new DataError("bad-petsird", what, { file, expected, found });
  const { replicatedModules } = scanner.scannerGeometry;
  const types = replicatedModules.length;
  const bins = (list: PetsirdBins | undefined, what: string): number => {
    const edges = list?.edges ?? new Float32Array(0);
    const falls = edges.findIndex(
      (edge, i) => !(Number.isFinite(edge) && (i === 0 || edge > (edges[i - 1] as number))),
    );
    if (edges.length < 2 || falls >= 0)
      throw wrong(what, "two or more rising edges", [...edges.subarray(0, 6)].join(", "));
    return edges.length - 1;
  };
  if (types === 0) throw wrong("the scanner", "one type of module or more", "none");
  if (scanner.eventEnergyBinEdges.length !== types) {
    throw wrong(
      "eventEnergyBinEdges",
      `one list for each of ${types} types of module`,
      `${scanner.eventEnergyBinEdges.length}`,
    );
  }
  const detectionBins = replicatedModules.map(({ object, transforms }, t) => {
    const { detectingElements } = object;
    for (const { matrix } of [...transforms, ...detectingElements.transforms])
      finite(matrix, "a transformation", wrong);
    for (const { c } of detectingElements.object.shape.corners) finite(c, "a corner", wrong);
    return (
      detectingElements.transforms.length *
      transforms.length *
      bins(scanner.eventEnergyBinEdges[t], "eventEnergyBinEdges")
    );
  });
  if (scanner.tofBinEdges.length !== types || scanner.tofResolution.length !== types) {
    throw wrong(
      "TOF",
      `edges and resolution for each of ${types} types of module`,
      `${scanner.tofBinEdges.length} and ${scanner.tofResolution.length}`,
    );
  }
  const tofBins = scanner.tofBinEdges.map((row, a) => {
    if (row.length < a + 1) throw wrong("tofBinEdges", `${a + 1} lists or more for type ${a}`, `${row.length}`);
    return row.map((edges) => bins(edges, "tofBinEdges"));
  });
  for (const row of scanner.tofResolution) finite(row, "tofResolution", wrong);
  return { detectionBins, tofBins, signals: new Set((exam?.externalSignals ?? []).map(({ id }) => id)) };
}

function finite(
  values: Float32Array,
  what: string,
  wrong: (what: string, expected: string, found: string) => DataError,
): void {
  const at = values.findIndex((value) => !Number.isFinite(value));
  if (at >= 0) throw wrong(what, "finite numbers", `${values[at]}`);
}

/** @throws DataError `bad-petsird` with the block's time: an interval that runs back, an event outside the scanner */
export function checkBlock([kind, block]: PetsirdTimeBlock, extents: PetsirdExtents, file: string): void {
  const { start, stop } = block.timeInterval;
  const wrong = (what: string, expected: string, found: string): DataError =>
    new DataError("bad-petsird", `${kind} at ${start} ms: ${what}`, { file, expected, found });
  if (stop < start) throw wrong("its interval", `a stop at ${start} ms or later`, `${stop} ms`);
  if (kind === "ExternalSignalTimeBlock" && !extents.signals.has(block.signalID)) {
    throw wrong("its signal", `one of ${[...extents.signals].join(", ") || "none"}`, `${block.signalID}`);
  }
  if (kind !== "EventTimeBlock") return;
  for (const [name, lists] of [
    ["promptEvents", block.promptEvents],
    ["delayedEvents", block.delayedEvents],
  ] as const) {
    for (const [a, row] of lists.entries()) {
      for (const [b, events] of row.entries()) {
        const most = [
          extents.detectionBins[a] ?? 0,
          extents.detectionBins[b] ?? 0,
          extents.tofBins[a]?.[b] ?? extents.tofBins[b]?.[a] ?? 0,
        ];
        const at = firstOutside(events, most);
        if (at >= 0) {
          const event = [...events.subarray(3 * at, 3 * at + 3)];
          throw wrong(
            `${name} ${a}, ${b}`,
            `detection bins below ${most[0]} and ${most[1]}, TOF below ${most[2]}`,
            event.join(", "),
          );
        }
      }
    }
  }
}

function firstOutside(events: Uint32Array, most: readonly number[]): number {
  const [first = 0, second = 0, tof = 0] = most;
  for (let i = 0; i < events.length; i += 3) {
    if ((events[i] as number) >= first || (events[i + 1] as number) >= second || (events[i + 2] as number) >= tof)
      return i / 3;
  }
  return -1;
}
