/** The list-mode noun as a PETSIRD file: a header made of the scanner, and blocks of events. */
import {
  DataError,
  detectorPositions,
  detectorsPerRing,
  type ListMode,
  type PetScanner,
  ringPositions,
} from "@quintet/core";
import type { PetsirdHeader, PetsirdTimeBlock, PetsirdTransformation } from "./model.ts";
import { writePetsird } from "./petsird.ts";

const millimetresPerPicosecond = 0.299792458;

export interface WriteListModeOptions {
  /** Length of a block, seconds: an event's time is known to it and no better. Default 1. */
  readonly block?: number;
  /** Of each detector, [ring * detectorsPerRing + detector]. */
  readonly efficiencies?: Float64Array;
  readonly energy?: { readonly low: number; readonly high: number; readonly resolution: number };
  readonly subject?: string;
}

/**
 * One type of module, a crystal, with a place for each detector of the scanner in its order; one bin of energy.
 */
export function petsirdHeader(
  scanner: PetScanner,
  { efficiencies, energy = { low: 430, high: 610, resolution: 0.12 }, subject = "unknown" }: WriteListModeOptions = {},
): PetsirdHeader {
  const { timeOfFlight, ring, axial, depth } = scanner;
  // A box without length would have no direction.
  const half = Math.max(depth, 0.5);
  const [width, height] = [(ring.kind === "polygon" ? ring.pitch : axial.pitch) / 2, axial.pitch / 2];
  const corners = [0, 1, 2, 3, 4, 5, 6, 7].map((k) => ({
    c: Float32Array.of(k & 1 ? half : -half, k & 2 ? width : -width, k & 4 ? height : -height),
  }));
  const bins = timeOfFlight?.bins ?? 1;
  const step = ((timeOfFlight?.width ?? 1e4) * millimetresPerPicosecond) / 2;
  const edges = Float32Array.from({ length: bins + 1 }, (_, i) => (i - bins / 2) * step);
  return {
    exam: {
      subject: { name: undefined, id: subject },
      institution: { name: "", address: "" },
      protocol: undefined,
      startOfAcquisition: undefined,
      externalSignals: [],
    },
    scanner: {
      modelName: scanner.name,
      scannerGeometry: {
        nonDetectingVolumes: undefined,
        replicatedModules: [
          {
            object: {
              detectingElements: {
                object: { shape: { corners }, materialId: 1 },
                transforms: [{ matrix: Float32Array.of(1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0) }],
              },
              nonDetectingElements: [],
            },
            transforms: crystals(scanner),
          },
        ],
      },
      bulkMaterials: [],
      gantryAlignment: undefined,
      tofBinEdges: [[{ edges }]],
      tofResolution: [Float32Array.of(((timeOfFlight?.fwhm ?? 1e4) * millimetresPerPicosecond) / 2)],
      eventEnergyBinEdges: [{ edges: Float32Array.of(energy.low, energy.high) }],
      energyResolutionAt511: Float32Array.of(energy.resolution),
      singlesHistogramLevel: "none",
      singlesHistogramEnergyBinEdges: [],
      singleEventPolicy: "rejectIfNotInCoincidence",
      promptEventPolicy: "rejectHigherMultiples",
      delayedEventPolicy: "rejectHigherMultiples",
      tripleEventPolicy: "rejectHigherMultiples",
      quadrupleEventPolicy: "rejectHigherMultiples",
      singleEventsAreStored: false,
      promptEventsAreStored: true,
      delayedEventsAreStored: true,
      tripleEventsAreStored: false,
      quadrupleEventsAreStored: false,
      detectionEfficiencies: {
        methodDescription: efficiencies ? "one efficiency a crystal" : "",
        calibrationFactor: 1,
        detectionBinEfficiencies: efficiencies ? [Float32Array.from(efficiencies)] : undefined,
        modulePairSGIDLUT: undefined,
        modulePairEfficienciesVectors: undefined,
      },
    },
  };
}

function crystals(scanner: PetScanner): readonly PetsirdTransformation[] {
  const [xy, z] = [detectorPositions(scanner), ringPositions(scanner)];
  const { ring, tilt } = scanner;
  const perSide = ring.kind === "polygon" ? ring.blocks * ring.crystals : 1;
  const count = xy.length / 2;
  return Array.from({ length: count * z.length }, (_, i) => {
    const [detector, at] = [i % count, z[Math.floor(i / count)] as number];
    const angle = tilt + (2 * Math.PI * Math.floor(detector / perSide) * perSide) / count;
    const [c, s] = [Math.cos(angle), Math.sin(angle)];
    const [x, y] = [xy[2 * detector] as number, xy[2 * detector + 1] as number];
    return { matrix: Float32Array.of(c, -s, 0, x, s, c, 0, y, 0, 0, 1, at) };
  });
}

/**
 * Events in blocks of whole milliseconds, prompts and delayeds apart; the time-of-flight bin is that of each difference.
 * @throws DataError `not-positive` (block), `bad-event`
 */
export function* petsirdEvents(
  events: ListMode,
  { block = 1 }: WriteListModeOptions = {},
): Generator<PetsirdTimeBlock> {
  const span = Math.round(1000 * block);
  if (!(span >= 1)) {
    throw new DataError("not-positive", "a block lasts at least a millisecond", { found: `${block} s` });
  }
  const { scanner, time, a, b, timeDifference, delayed } = events;
  const detectors = detectorsPerRing(scanner) * ringPositions(scanner).length;
  const { bins, width } = scanner.timeOfFlight ?? { bins: 1, width: 1 };
  const order = Uint32Array.from({ length: time.length }, (_, i) => i).sort(
    (i, j) => (time[i] as number) - (time[j] as number),
  );
  const end = Math.round(1000 * (events.start + events.duration));
  let at = 0;
  for (let start = Math.round(1000 * events.start); start < end; start += span) {
    const stop = Math.min(start + span, end);
    const lists: [number[], number[]] = [[], []];
    for (; at < order.length; at++) {
      const i = order[at] as number;
      // The last block also takes what lies on the end.
      if ((time[i] as number) * 1000 >= stop && stop < end) break;
      const pair = [a[i] as number, b[i] as number];
      if (pair.some((detector) => detector >= detectors)) {
        throw new DataError("bad-event", `event ${i} names a detector that ${scanner.name} does not have`, {
          expected: `0 to ${detectors - 1}`,
          found: pair.join(", "),
        });
      }
      const tof = Math.round((timeDifference?.[i] ?? 0) / width + (bins - 1) / 2);
      lists[delayed?.[i] === 1 ? 1 : 0].push(...pair, Math.min(bins - 1, Math.max(0, tof)));
    }
    yield [
      "EventTimeBlock",
      {
        timeInterval: { start, stop },
        singleEvents: [],
        promptEvents: [[Uint32Array.from(lists[0])]],
        delayedEvents: [[Uint32Array.from(lists[1])]],
        tripleEvents: [],
        quadrupleEvents: [],
      },
    ];
  }
}

/** A whole file, piece by piece. @throws DataError as petsirdEvents and writePetsird */
export function writeListMode(events: ListMode, options: WriteListModeOptions = {}): Generator<Uint8Array> {
  return writePetsird(petsirdHeader(events.scanner, options), petsirdEvents(events, options));
}
