import {
  circleRadius,
  detectorPositions,
  detectorsOfBin,
  type PetScanner,
  type Sinogram,
  type SinogramLayout,
  sinogramPlanes,
  sinogramSize,
} from "@quintet/core";
import { describe, expect, test } from "vitest";
import { readInterfileHeader } from "./header.ts";
import { interfileScanner } from "./scanner.ts";
import { readInterfileSinogram, writeInterfileSinogram } from "./sinogram.ts";
import { interfileSinogram } from "./sinogram-layout.ts";

const file = "x.hs";
const headerOf = (text: string): ReturnType<typeof readInterfileHeader> =>
  readInterfileHeader(new TextEncoder().encode(text), file);

/** 3 rings of 8 detectors, 5 tangential bins, 2 segments of ring difference beside the middle, 3 TOF bins. */
const keys: Readonly<Record<string, string>> = {
  "name of data file": "x.s",
  "originating system": "toy",
  "patient orientation": "head_in",
  "patient rotation": "supine",
  "imagedata byte order": "LITTLEENDIAN",
  "!PET data type": "Emission",
  "applied corrections": "{None}",
  "!number format": "float",
  "!number of bytes per pixel": "4",
  "number of dimensions": "5",
  "matrix axis label [5]": "timing positions",
  "!matrix size [5]": "3",
  "matrix axis label [4]": "segment",
  "!matrix size [4]": "3",
  "matrix axis label [3]": "view",
  "!matrix size [3]": "4",
  "matrix axis label [2]": "axial coordinate",
  "!matrix size [2]": "{2,3,2}",
  "matrix axis label [1]": "tangential coordinate",
  "!matrix size [1]": "5",
  "minimum ring difference per segment": "{-1,0,1}",
  "maximum ring difference per segment": "{-1,0,1}",
  "number of rings": "3",
  "number of detectors per ring": "8",
  "inner ring diameter (cm)": "20",
  "average depth of interaction (cm)": "1",
  "distance between rings (cm)": "0.5",
  "view offset (degrees)": "11",
  "Maximum number of (unmashed) TOF time bins": "9",
  "Size of unmashed TOF time bins (ps)": "50",
  "TOF timing resolution (ps)": "400",
  "TOF mashing factor": "3",
};
const text = (more: Readonly<Record<string, string | undefined>> = {}): string => {
  const lines = Object.entries({ ...keys, ...more }).flatMap(([key, value]) =>
    value === undefined ? [] : [`${key} := ${value}`],
  );
  return ["!INTERFILE :=", ...lines, "!END OF INTERFILE :="].join("\n");
};

interface Line {
  readonly a: readonly [number, number, number];
  readonly b: readonly [number, number, number];
  readonly tof: number;
}

/** Ends of a STIR bin in the gantry, turned to (-x, -y, -z): ProjDataInfoCylindricalNoArcCorr's own definition. */
function stirLine(view: number, tangential: number, r1: number, r2: number, tof: number): Line {
  const n = 8;
  const d1 = (view + (tangential >> 1) + n) % n;
  const d2 = (view - ((tangential + 1) >> 1) + n / 2 + n) % n;
  const end = (d: number, r: number): [number, number, number] => {
    const psi = (2 * Math.PI * d) / n + (11 * Math.PI) / 180;
    return [-110 * Math.sin(psi), 110 * Math.cos(psi), -(r - 1) * 5];
  };
  return { a: end(d1, r1), b: end(d2, r2), tof };
}

/** Ends of a bin of the project's sinogram, with the place of its TOF bin along it, from a. */
function ownLine(layout: SinogramLayout, view: number, bin: number, plane: number, k: number): Line {
  const xy = detectorPositions(layout.scanner);
  const [a, b] = detectorsOfBin(layout, view, bin);
  const { za, zb } = sinogramPlanes(layout)[plane] as { za: number; zb: number };
  const at = (d: number, z: number): [number, number, number] => [xy[2 * d] as number, xy[2 * d + 1] as number, z];
  return { a: at(a, za), b: at(b, zb), tof: k - ((layout.timeOfFlight?.bins ?? 1) - 1) / 2 };
}

const close = (p: readonly number[], q: readonly number[]): boolean =>
  p.every((x, i) => Math.abs(x - (q[i] as number)) < 1e-6);

describe("every number lands on its own line", () => {
  test.each<[string, Readonly<Record<string, string>>, readonly string[]]>([
    ["as STIR writes it", {}, ["tof", "segment", "view", "axial", "tangential"]],
    [
      "planes around views",
      {
        "matrix axis label [3]": "axial coordinate",
        "!matrix size [3]": "{2,3,2}",
        "matrix axis label [2]": "view",
        "!matrix size [2]": "4",
      },
      ["tof", "segment", "axial", "view", "tangential"],
    ],
    [
      "views slowest, TOF in an order of its own, planes fastest",
      {
        "matrix axis label [5]": "view",
        "!matrix size [5]": "4",
        "matrix axis label [4]": "timing positions",
        "!matrix size [4]": "3",
        "TOF bin order": "{0,1,-1}",
        "matrix axis label [3]": "segment",
        "!matrix size [3]": "3",
        "matrix axis label [2]": "tangential coordinate",
        "!matrix size [2]": "5",
        "matrix axis label [1]": "axial coordinate",
        "!matrix size [1]": "{2,3,2}",
      },
      ["view", "tof", "segment", "tangential", "axial"],
    ],
  ])("%s", (_, more, order) => {
    const tofOrder = more["TOF bin order"] ? [0, 1, -1] : [-1, 0, 1];
    const lines: Line[] = [];
    const sizes: Readonly<Record<string, number>> = { tof: 3, segment: 3, view: 4, tangential: 5 };
    const walk = (level: number, at: Readonly<Record<string, number>>): void => {
      const axis = order[level];
      if (axis === undefined) {
        const difference = (at.segment as number) - 1;
        const r1 = (at.axial as number) + Math.max(0, -difference);
        lines.push(
          stirLine(
            at.view as number,
            (at.tangential as number) - 2,
            r1,
            r1 + difference,
            tofOrder[at.tof as number] as number,
          ),
        );
        return;
      }
      const n = axis === "axial" ? (at.segment === 1 ? 3 : 2) : (sizes[axis] as number);
      for (let i = 0; i < n; i++) walk(level + 1, { ...at, [axis]: i });
    };
    walk(0, {});
    const values = Float32Array.from({ length: lines.length }, (__, i) => i + 1);
    const { layout, data } = readInterfileSinogram(headerOf(text(more)), new Uint8Array(values.buffer));
    expect(layout).toMatchObject({
      views: 4,
      bins: 5,
      span: 1,
      maxRingDifference: 1,
      timeOfFlight: { bins: 3, width: 150 },
    });
    expect(data.length).toBe(lines.length);
    const planes = sinogramPlanes(layout).length;
    let at = 0;
    for (let view = 0; view < 4; view++)
      for (let bin = 0; bin < 5; bin++)
        for (let k = 0; k < 3; k++)
          for (let plane = 0; plane < planes; plane++) {
            const own = ownLine(layout, view, bin, plane, k);
            const stir = lines[(data[at++] as number) - 1] as Line;
            // STIR's positive TOF bins lie towards its first detector, ours towards b.
            const fits = close(own.a, stir.a) && close(own.b, stir.b) && own.tof === -stir.tof;
            if (!fits)
              throw new Error(`view ${view} bin ${bin} tof ${k} plane ${plane}: ${JSON.stringify({ own, stir })}`);
          }
  });

  test("span 3: planes of three ring differences, the outer segments cut", () => {
    const more = {
      "number of dimensions": "4",
      "matrix axis label [5]": undefined,
      "!matrix size [5]": undefined,
      "!matrix size [2]": "{1,5,1}",
      "minimum ring difference per segment": "{-2,-1,2}",
      "maximum ring difference per segment": "{-2,1,2}",
    };
    const about = interfileSinogram(headerOf(text(more)));
    expect(about.layout).toMatchObject({ span: 3, maxRingDifference: 2 });
    const values = Float32Array.from({ length: 4 * 5 * 7 }, (_, i) => i);
    const { layout, data } = readInterfileSinogram(headerOf(text(more)), new Uint8Array(values.buffer));
    // View 0, bin 0: STIR's planes 0 (segment -1), 20 + 5 a (segment 0), 120 (segment 1); ours run from the feet up.
    expect(sinogramPlanes(layout).map(({ segment }) => segment)).toEqual([0, 0, 0, 0, 0, 1, -1]);
    expect([...data.subarray(0, 7)]).toEqual([40, 35, 30, 25, 20, 0, 120]);
  });
});

describe("arc correction", () => {
  const arc = {
    "number of dimensions": "4",
    "matrix axis label [5]": undefined,
    "!matrix size [5]": undefined,
    "applied corrections": "{arc correction, normalised}",
    "!matrix size [3]": "2",
    "effective central bin size (cm)": "2",
  };
  test("an odd number of bins is kept, mashed views turn the lines by half of what was joined", () => {
    const about = interfileSinogram(headerOf(text(arc)));
    expect(about.layout).toMatchObject({ bins: 5, views: 2, arc: { width: 20 } });
    expect(about.corrections).toEqual(["arc correction", "normalised"]);
    // pi/2 + 11 degrees + half of 45 degrees.
    expect(about.layout.scanner.tilt).toBeCloseTo(Math.PI / 2 + (11 * Math.PI) / 180 + Math.PI / 8, 12);
    expect(circleRadius(about.layout.scanner)).toBe(110);
  });

  test("of an even number the first, which has no partner, is left out and said", () => {
    const about = interfileSinogram(headerOf(text({ ...arc, "!matrix size [1]": "6" })));
    expect(about.layout.bins).toBe(5);
    expect(about.notes[0]).toMatch(/bin 1 of 6 is left out/);
    const values = Float32Array.from({ length: 2 * 7 * 6 }, (_, i) => i % 6);
    const { data } = readInterfileSinogram(
      headerOf(text({ ...arc, "!matrix size [1]": "6" })),
      new Uint8Array(values.buffer),
    );
    expect([0, 1, 2, 3, 4].map((bin) => data[bin * 7])).toEqual([1, 2, 3, 4, 5]);
  });
});

describe("scanner block", () => {
  const flat = {
    "number of detectors per ring": "32",
    "number of rings": "4",
    "!matrix size [3]": "16",
    "!matrix size [2]": "{3,4,3}",
    "Scanner geometry (BlocksOnCylindrical/Cylindrical/Generic)": "BlocksOnCylindrical",
    "number of blocks per bucket in transaxial direction": "2",
    "number of blocks per bucket in axial direction": "2",
    "number of crystals per block in axial direction": "2",
    "number of crystals per block in transaxial direction": "4",
    "distance between crystals in axial direction (cm)": "0.5",
    "distance between crystals in transaxial direction (cm)": "0.6",
    "distance between blocks in axial direction (cm)": "1.1",
    "distance between blocks in transaxial direction (cm)": "2.5",
    "view offset (degrees)": "0",
  };
  test("flat buckets become a polygon, their first crystal where STIR puts it", () => {
    const scanner = interfileScanner(headerOf(text(flat)));
    expect(scanner).toMatchObject({
      ring: { kind: "polygon", sides: 4, blocks: 2, crystals: 4, pitch: 6, blockPitch: 25, apothem: 100 },
      axial: { blocks: 2, crystals: 2, pitch: 5, blockPitch: 11 },
      depth: 10,
    });
    // STIR: bucket at y = -110, x from -(12.5 + 9), turned by c - (2 c / B)(p / 2 + g), c = pi/4, g = 1, about z.
    const turn = Math.PI / 4 - ((Math.PI / 2) * (3 + 1)) / 25;
    const [x, y] = [-21.5, -110];
    const gantry = [x * Math.cos(turn) - y * Math.sin(turn), x * Math.sin(turn) + y * Math.cos(turn)];
    expect([...detectorPositions(scanner).subarray(0, 2)]).toBeAllclose(
      gantry.map((value) => -value),
      { atol: 1e-9 },
    );
  });

  test.each<[string, Readonly<Record<string, string>>]>([
    ["unsupported-scanner", { "Scanner geometry (BlocksOnCylindrical/Cylindrical/Generic)": "Generic" }],
    ["unsupported-scanner", { "number of detector layers": "2" }],
    ["missing-key", { "inner ring diameter (cm)": "" }],
    ["bad-number", { ...flat, "number of crystals per block in transaxial direction": "5" }],
  ])("refuses: %s", (code, more) => {
    expect(() => interfileScanner(headerOf(text(more)))).toThrow(expect.objectContaining({ code }));
  });
});

describe("written and read back", () => {
  const polygon: PetScanner = {
    name: "toy",
    source: "made by hand",
    ring: { kind: "polygon", sides: 4, blocks: 2, crystals: 3, pitch: 4, blockPitch: 13, apothem: 60 },
    axial: { blocks: 2, crystals: 3, pitch: 4, blockPitch: 13 },
    depth: 7.5,
    tilt: 0.3,
    timeOfFlight: { bins: 30, width: 20, fwhm: 300 },
  };
  const round: PetScanner = {
    ...polygon,
    ring: { kind: "cylinder", detectors: 24, radius: 60 },
    axial: { blocks: 1, crystals: 6, pitch: 4, blockPitch: 24 },
  };
  test.each<[string, SinogramLayout]>([
    ["a polygon, span 1", { scanner: polygon, views: 12, bins: 7, span: 1, maxRingDifference: 5 }],
    [
      "TOF, even number of bins",
      { scanner: polygon, views: 12, bins: 8, span: 1, maxRingDifference: 2, timeOfFlight: { bins: 6, width: 100 } },
    ],
    ["span 3", { scanner: round, views: 12, bins: 9, span: 3, maxRingDifference: 4 }],
    [
      "arc-corrected, mashed views",
      { scanner: round, views: 6, bins: 9, arc: { width: 5 }, span: 1, maxRingDifference: 1 },
    ],
  ])("%s", (_, layout) => {
    const sinogram: Sinogram = { layout, data: Float32Array.from({ length: sinogramSize(layout) }, (__, i) => i) };
    const facts = {
      position: "HFS",
      frames: [{ start: 10, duration: 60 }],
      energyWindows: [{ low: 430, high: 610 }],
    } as const;
    const [hs, s] = writeInterfileSinogram(sinogram, { name: "back", facts });
    const header = readInterfileHeader(hs?.bytes as Uint8Array, "back.hs");
    const about = interfileSinogram(header);
    const { scanner, ...rest } = about.layout;
    const { scanner: given, ...restGiven } = layout;
    expect(rest).toEqual(restGiven);
    expect(about.facts).toMatchObject(facts);
    expect(detectorPositions(scanner)).toBeAllclose(detectorPositions(given), { atol: 1e-9 });
    expect({ ...scanner, tilt: 0, source: "", ring: scanner.ring.kind }).toMatchObject({
      name: "toy",
      depth: 7.5,
      ring: given.ring.kind,
      timeOfFlight: given.timeOfFlight,
    });
    expect(readInterfileSinogram(header, s?.bytes as Uint8Array).data).toEqual(sinogram.data);
  });
});

test.each<[string, Readonly<Record<string, string | undefined>>]>([
  ["axis-order", { "matrix axis label [4]": "ring" }],
  ["axis-order", { "matrix axis label [4]": "view" }],
  [
    "axis-order",
    {
      "matrix axis label [4]": "axial coordinate",
      "matrix axis label [2]": "segment",
      "!matrix size [4]": "{2,3,2}",
      "!matrix size [2]": "3",
    },
  ],
  ["bad-dimensions", { "!matrix size [2]": "{2,3}" }],
  ["bad-dimensions", { "TOF bin order": "{0,0,1}" }],
  ["unsupported-layout", { "!matrix size [2]": "{2,2,2}" }],
  [
    "unsupported-layout",
    { "minimum ring difference per segment": "{-1,0,2}", "maximum ring difference per segment": "{-1,0,2}" },
  ],
  ["unsupported-layout", { "!matrix size [3]": "3" }],
  ["bad-layout", { "!matrix size [1]": "8" }],
  ["not-a-sinogram", { "!PET data type": "Image" }],
  ["bad-number", { "number of rings": "0" }],
  ["bad-number", { "number of rings": undefined }],
])("refuses: %s %j", (code, more) => {
  expect(() => interfileSinogram(headerOf(text(more)))).toThrow(
    expect.objectContaining({ name: "DataError", code, file: expect.anything() }),
  );
});

test("a data file that is not as large as its header says, and a frame that is not there", () => {
  expect(() => readInterfileSinogram(headerOf(text()), new Uint8Array(1679))).toThrow(
    /x\.s: .*expected 1680 bytes.*found 1679/,
  );
  expect(() => readInterfileSinogram(headerOf(text()), new Uint8Array(1680), { frame: 2 })).toThrow(
    expect.objectContaining({ code: "no-such-frame" }),
  );
});
