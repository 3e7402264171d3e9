import { readFileSync } from "node:fs";
import { detectorPositions, detectorsPerRing, type PetScanner, ringPositions } from "@quintet/core";
import { describe, expect, test } from "vitest";
import { bytesSource } from "../signal/byte-source.ts";
import { joinListModes, petsirdListMode } from "./list-mode.ts";
import type { PetsirdHeader, PetsirdTimeBlock } from "./model.ts";
import { readPetsird, writePetsird } from "./petsird.ts";

const file = "x.petsird";
const genuine = new Uint8Array(
  readFileSync(new URL("../../../../fixtures/pet/petsird-0.9.1.petsird", import.meta.url)),
);
const template = readPetsird(bytesSource(genuine, file), { file }).header;

const octagon: PetScanner = {
  name: "octagon",
  source: "by hand",
  ring: { kind: "polygon", sides: 8, blocks: 2, crystals: 3, pitch: 3.3, blockPitch: 11, apothem: 60 },
  axial: { blocks: 2, crystals: 4, pitch: 3.3, blockPitch: 14 },
  depth: 7.5,
  tilt: 0.1,
  timeOfFlight: { bins: 5, width: 100, fwhm: 300 },
};
const round: PetScanner = { ...octagon, ring: { kind: "cylinder", detectors: 40, radius: 80 }, tilt: 0.05 };

/** One module a crystal, in an order of its own, each turned and moved to where the scanner has it; crystals 15 mm deep. */
function headerOf(scanner: PetScanner): { header: PetsirdHeader; order: readonly number[] } {
  const [xy, z] = [detectorPositions(scanner), ringPositions(scanner)];
  const perRing = detectorsPerRing(scanner);
  const count = perRing * z.length;
  const order = Array.from({ length: count }, (_, i) => (i * 7 + 3) % count);
  const corners = [0, 1, 2, 3, 4, 5, 6, 7].map((k) => ({
    c: Float32Array.of(k & 1 ? 7.5 : -7.5, k & 2 ? 1 : -1, k & 4 ? 1 : -1),
  }));
  const unit = { matrix: Float32Array.of(1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0) };
  const transforms = order.map((detector) => {
    const [i, ring] = [detector % perRing, Math.floor(detector / perRing)];
    return {
      matrix: Float32Array.of(
        1,
        0,
        0,
        xy[2 * i] as number,
        0,
        1,
        0,
        xy[2 * i + 1] as number,
        0,
        0,
        1,
        (z[ring] as number) + 40,
      ),
    };
  });
  const edges = (n: number): { edges: Float32Array } => ({
    edges: Float32Array.from({ length: n + 1 }, (_, i) => (i - n / 2) * 15),
  });
  const header: PetsirdHeader = {
    ...template,
    scanner: {
      ...template.scanner,
      modelName: scanner.name,
      scannerGeometry: {
        nonDetectingVolumes: undefined,
        replicatedModules: [
          {
            object: {
              detectingElements: { object: { shape: { corners }, materialId: 1 }, transforms: [unit] },
              nonDetectingElements: [],
            },
            transforms,
          },
        ],
      },
      tofBinEdges: [[edges(5)]],
      tofResolution: [Float32Array.of(45)],
      eventEnergyBinEdges: [{ edges: Float32Array.of(400, 500, 600) }],
      detectionEfficiencies: {
        ...template.scanner.detectionEfficiencies,
        detectionBinEfficiencies: undefined,
        modulePairSGIDLUT: undefined,
        modulePairEfficienciesVectors: undefined,
      },
    },
  };
  return { header, order };
}

const events = (start: number, prompts: number[], delayeds: number[]): PetsirdTimeBlock => [
  "EventTimeBlock",
  {
    timeInterval: { start, stop: start + 1000 },
    singleEvents: [],
    promptEvents: [[Uint32Array.from(prompts)]],
    delayedEvents: [[Uint32Array.from(delayeds)]],
    tripleEvents: [],
    quadrupleEvents: [],
  },
];

describe.each([octagon, round])("$name $ring.kind", (scanner) => {
  const { header, order } = headerOf(scanner);
  // Two bins of energy: bins 2 m and 2 m + 1 are module m.
  const blocks = [events(0, [0, 21, 4, 5, 8, 2], [2, 31, 0]), events(1000, [9, 14, 3], [])];
  const bytes = new Uint8Array(Buffer.concat([...writePetsird(header, blocks)]));
  const pieces = [...petsirdListMode(readPetsird(bytesSource(bytes, file), { file }), { file })];

  test("the scanner is found again, its middle at 0, every detector where it was", () => {
    const [first] = pieces;
    const fitted = first?.scanner as PetScanner;
    expect(fitted.ring.kind).toBe(scanner.ring.kind);
    expect(ringPositions(fitted)).toBeAllclose(ringPositions(scanner), { atol: 1e-4 });
    // The first side found may be another one: the same places, counted from elsewhere.
    const places = (s: PetScanner): number[] =>
      [...detectorPositions(s)].map((v) => Math.round(v * 1000) / 1000).sort((a, b) => a - b);
    expect(places(fitted)).toBeAllclose(places(scanner), { atol: 2e-3 });
    expect(fitted.depth).toBe(7.5);
    expect(fitted.timeOfFlight).toMatchObject({
      bins: 5,
      width: expect.closeTo(100.0692, 3),
      fwhm: expect.closeTo(300.2077, 3),
    });
  });

  test("events name the crystals they were of, prompts and delayeds, with their time differences", () => {
    const all = joinListModes(pieces);
    expect(all).toMatchObject({ start: 0, duration: 2 });
    expect([...all.time]).toEqual([0.5, 0.5, 0.5, 1.5]);
    expect([...(all.delayed ?? [])]).toEqual([0, 0, 1, 0]);
    // TOF bins of 15 mm: middles at 30, 0, -30 and 15 mm; 2 x 30 mm / c = 200.14 ps.
    expect([...(all.timeDifference ?? [])]).toBeAllclose([200.1385, 0, -200.1385, 100.0692], { atol: 1e-3 });
    const place = (s: PetScanner, detector: number): number[] => {
      const n = detectorsPerRing(s);
      const xy = detectorPositions(s);
      return [
        xy[2 * (detector % n)] as number,
        xy[2 * (detector % n) + 1] as number,
        ringPositions(s)[Math.floor(detector / n)] as number,
      ];
    };
    const modules = [0, 2, 1, 4];
    for (const [i, module] of modules.entries()) {
      expect(place(all.scanner, all.a[i] as number)).toBeAllclose(place(scanner, order[module] as number), {
        atol: 1e-3,
      });
    }
    expect(place(all.scanner, all.b[0] as number)).toBeAllclose(place(scanner, order[10] as number), { atol: 1e-3 });
  });
});

test("a scanner that is no regular ring is refused, geometry and events stay readable as they are", () => {
  const read = readPetsird(bytesSource(genuine, file), { file });
  expect(() => [...petsirdListMode(read, { file })]).toThrow(
    expect.objectContaining({ code: "unsupported-scanner", found: "2 types of module" }),
  );
  const { header } = headerOf(octagon);
  const [modules] = header.scanner.scannerGeometry.replicatedModules;
  const moved =
    modules?.transforms.map(({ matrix }, i) => ({ matrix: matrix.map((v, k) => (i === 5 && k === 3 ? v + 1 : v)) })) ??
    [];
  const crooked = {
    ...header,
    scanner: {
      ...header.scanner,
      scannerGeometry: {
        nonDetectingVolumes: undefined,
        replicatedModules: [{ ...modules, transforms: moved } as NonNullable<typeof modules>],
      },
    },
  };
  expect(() => [...petsirdListMode({ header: crooked, blocks: [] }, { file })]).toThrow(
    /no circle and no regular polygon/,
  );
  expect(() => joinListModes([])).toThrow(expect.objectContaining({ code: "no-events" }));
});
