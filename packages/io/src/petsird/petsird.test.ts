import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { bytesSource } from "../signal/byte-source.ts";
import { byteCursor } from "../yardl/byte-cursor.ts";
import { byteSink } from "../yardl/encode.ts";
import type { PetsirdEvents, PetsirdHeader, PetsirdTimeBlock } from "./model.ts";
import { looksLikePetsird, readPetsird, writePetsird } from "./petsird.ts";

const file = "x.petsird";
const genuine = new Uint8Array(
  readFileSync(new URL("../../../../fixtures/pet/petsird-0.9.1.petsird", import.meta.url)),
);
const later = new Uint8Array(readFileSync(new URL("../../../../fixtures/pet/petsird-0.12.0.petsird", import.meta.url)));
const read = (bytes: Uint8Array): { header: PetsirdHeader; blocks: readonly PetsirdTimeBlock[] } => {
  const { header, blocks } = readPetsird(bytesSource(bytes, file), { file });
  return { header, blocks: [...blocks] };
};
const joined = (parts: Iterable<Uint8Array>): Uint8Array => new Uint8Array(Buffer.concat([...parts]));

describe("numbers by hand", () => {
  const cursorOf = (...bytes: number[]): ReturnType<typeof byteCursor> =>
    byteCursor(bytesSource(Uint8Array.from(bytes), file), file);
  test.each([
    [[0], 0],
    [[0x7f], 127],
    [[0x80, 0x01], 128],
    [[0xac, 0x02], 300],
    [[0xff, 0xff, 0xff, 0xff, 0x0f], 2 ** 32 - 1],
    [[0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10], 2 ** 53],
  ])("unsigned %j", (bytes, value) => {
    if (value === 2 ** 53)
      expect(() => cursorOf(...bytes).varint()).toThrow(expect.objectContaining({ code: "bad-varint" }));
    else expect(cursorOf(...bytes).varint()).toBe(value);
    if (value < 2 ** 32) {
      const out = new Uint32Array(1);
      cursorOf(...bytes).varints(out);
      // And with room behind, where the fast way is taken.
      const fast = new Uint32Array(1);
      cursorOf(...bytes, ...new Array(20).fill(0)).varints(fast);
      expect([out[0], fast[0]]).toEqual([value, value]);
    }
  });

  test("zigzag: 0 -1 1 -2 and the ends of 64 bits", () => {
    const sink = byteSink();
    for (const value of [0, -1, 1, -2, 2 ** 31 - 1, -(2 ** 31)]) sink.signed(value);
    for (const value of [0n, -1n, 2n ** 63n - 1n, -(2n ** 63n), 1706697900123456789n]) sink.signed64(value);
    const bytes = sink.take();
    expect([...bytes.subarray(0, 4)]).toEqual([0, 1, 2, 3]);
    const cursor = byteCursor(bytesSource(bytes, file), file);
    expect(Array.from({ length: 6 }, () => cursor.signed())).toEqual([0, -1, 1, -2, 2 ** 31 - 1, -(2 ** 31)]);
    expect(Array.from({ length: 5 }, () => cursor.signed64())).toEqual([
      0n,
      -1n,
      2n ** 63n - 1n,
      -(2n ** 63n),
      1706697900123456789n,
    ]);
  });

  test.each<[string, readonly number[]]>([
    ["beyond 32 bits", [0xff, 0xff, 0xff, 0xff, 0x1f, 0, 0, 0, 0, 0, 0, 0]],
    ["without end", new Array(20).fill(0xff)],
  ])("a number %s is refused", (_, bytes) => {
    const out = new Uint32Array(1);
    expect(() => cursorOf(...bytes).varints(out)).toThrow(expect.objectContaining({ code: "bad-varint" }));
    expect(
      () => cursorOf(...bytes.slice(0, 12)).varint() > 2 ** 32 || cursorOf(...bytes.slice(0, 5)).varints(out),
    ).not.toThrow(TypeError);
  });
});

describe("a file of petsird 0.9.1", () => {
  const { header, blocks } = read(genuine);
  test("scanner: modules, geometry, edges, materials, efficiencies", () => {
    expect(looksLikePetsird(genuine)).toBe(true);
    const { scanner } = header;
    const { replicatedModules } = scanner.scannerGeometry;
    expect(
      replicatedModules.map(({ transforms, object }) => [
        transforms.length,
        object.detectingElements.transforms.length,
      ]),
    ).toEqual([
      [4, 6],
      [2, 2],
    ]);
    // The second module of the outer ring is turned by 90 degrees; its second element lies 4 mm up the axis.
    expect([...(replicatedModules[0]?.transforms[1]?.matrix ?? [])]).toBeAllclose(
      [0, -1, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0],
      { atol: 1e-6 },
    );
    expect([...(replicatedModules[0]?.object.detectingElements.transforms[1]?.matrix ?? [])]).toEqual([
      1, 0, 0, 100, 0, 1, 0, 0, 0, 0, 1, 4,
    ]);
    expect([...(replicatedModules[0]?.object.detectingElements.object.shape.corners[7]?.c ?? [])]).toEqual([4, 4, 4]);
    expect(scanner.tofBinEdges.map((row) => row.map(({ edges }) => [...edges]))).toEqual([
      [[-90, -30, 30, 90]],
      [
        [-90, 90],
        [-60, 0, 60],
      ],
    ]);
    expect(scanner.tofResolution.map((row) => [...row])).toEqual([[32.5], [1000, 40]]);
    expect([...(scanner.gantryAlignment?.matrix ?? [])]).toEqual([1, 0, 0, 1.5, 0, 1, 0, -2.5, 0, 0, 1, 300]);
    expect(scanner.bulkMaterials).toEqual([
      {
        id: 1,
        name: "LSO",
        density: Math.fround(7.4),
        atoms: Uint32Array.of(175, 71),
        massFractions: Float32Array.of(1),
      },
    ]);
    expect(scanner).toMatchObject({
      modelName: "two rings",
      promptEventPolicy: "multiplesAsAllCoincidences",
      singlesHistogramLevel: "module",
      promptEventsAreStored: true,
      tripleEventsAreStored: false,
    });
    const { detectionEfficiencies } = scanner;
    expect(detectionEfficiencies.calibrationFactor).toBe(2.5);
    expect(detectionEfficiencies.detectionBinEfficiencies?.[0]?.[47]).toBe(1);
    expect(detectionEfficiencies.modulePairSGIDLUT?.[0]?.[0]).toEqual({
      shape: [4, 4],
      data: Float64Array.from({ length: 16 }, (_, i) => [-1, 0, 1, 0][i % 4] as number),
    });
    expect(detectionEfficiencies.modulePairEfficienciesVectors?.[0]?.[0]?.[0]?.values.shape).toEqual([12, 12]);
  });

  test("exam: signals for the clock, the start to the nanosecond", () => {
    expect(header.exam).toEqual({
      subject: { name: "Derenzo", id: "phantom" },
      institution: { name: "none", address: "" },
      protocol: "häd",
      startOfAcquisition: BigInt(Date.UTC(2024, 0, 31, 10, 45)) * 1_000_000n + 123_456_789n,
      externalSignals: [
        { type: "mrPulseStart", description: "slice triggers", id: 7 },
        { type: "respTrace", description: "belt", id: 300 },
      ],
    });
  });

  test("all kinds of time block, in order", () => {
    expect(blocks.map(([kind]) => kind)).toEqual([
      "ExternalSignalTimeBlock",
      "EventTimeBlock",
      "BedMovementTimeBlock",
      "GantryMovementTimeBlock",
      "DeadTimeTimeBlock",
      "SinglesHistogramTimeBlock",
      "ExternalSignalTimeBlock",
    ]);
    const events = blocks[1]?.[1] as PetsirdEvents;
    expect(events.timeInterval).toEqual({ start: 0, stop: 1000 });
    expect(events.promptEvents).toEqual([
      [Uint32Array.of(0, 47, 2, 12, 40, 0, 1, 2, 1)],
      [Uint32Array.of(3, 47, 0), Uint32Array.of(1, 2, 1)],
    ]);
    expect(events.delayedEvents).toEqual([[Uint32Array.of(7, 33, 1)], [new Uint32Array(0), new Uint32Array(0)]]);
    expect(events.singleEvents).toEqual([Uint32Array.of(5, 70000), new Uint32Array(0)]);
    expect(events.tripleEvents).toEqual([[[Uint32Array.of(1, 2, 300, 0, 1)]]]);
    expect(blocks[2]?.[1]).toMatchObject({
      transform: { matrix: Float32Array.of(1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, -12.5) },
    });
    expect(blocks[5]?.[1]).toMatchObject({
      singlesHistograms: [Float64Array.of(1, 200, 2 ** 40, 0), Float64Array.of(5, 6)],
    });
    expect(blocks[6]?.[1]).toMatchObject({ signalID: 300, signalValues: Float32Array.of(0.5, -1.25, 3) });
  });

  test("what is written is read back alike, and its header is byte for byte the genuine one", () => {
    const again = joined(writePetsird(header, blocks));
    expect(read(again)).toEqual({ header, blocks });
    // The stream's first count is 5 in the genuine file, 1 in ours: up to there all bytes are the same.
    const differs = again.findIndex((byte, i) => byte !== genuine[i]);
    expect([genuine[differs], again[differs]]).toEqual([5, 1]);
  });
});

test("a file is read a step at a time: the first block is there before the last was asked for", () => {
  const { header } = read(genuine);
  const events = Uint32Array.from({ length: 3 * 40_000 }, (_, i) => (i % 3 === 2 ? 1 : (i * 7) % 48));
  const block: PetsirdTimeBlock = [
    "EventTimeBlock",
    {
      timeInterval: { start: 0, stop: 1 },
      singleEvents: [],
      promptEvents: [[events]],
      delayedEvents: [],
      tripleEvents: [],
      quadrupleEvents: [],
    },
  ];
  const bytes = joined(writePetsird(header, new Array<PetsirdTimeBlock>(40).fill(block)));
  const reads: number[] = [];
  const source = {
    size: bytes.length,
    read: (offset: number, length: number) => {
      reads.push(offset + length);
      return bytes.subarray(offset, offset + length);
    },
  };
  const { blocks } = readPetsird(source, { file });
  let count = 0;
  for (const [, { timeInterval }] of blocks) {
    if (count++ === 0) expect(Math.max(...reads)).toBeLessThan(2.2e6);
    expect(timeInterval.stop).toBe(1);
  }
  expect(count).toBe(40);
  expect(bytes.length).toBeGreaterThan(4e6);
});

describe("refusals", () => {
  const patched = (change: (bytes: Uint8Array) => void): (() => unknown) => {
    const bytes = genuine.slice();
    change(bytes);
    return () => read(bytes);
  };
  const { header, blocks } = read(genuine);
  const withBlock =
    (block: PetsirdTimeBlock): (() => unknown) =>
    () =>
      joined(writePetsird(header, [block]));
  const event = blocks[1]?.[1] as PetsirdEvents;
  test.each<[string, string, () => unknown]>([
    ["not-petsird", "another file", () => read(new Uint8Array(100))],
    ["not-petsird", "another binary form", patched((b) => b.set([2], 5))],
    ["not-petsird", "a schema without end", patched((b) => b.set([0xff, 0xff, 0xff, 0x0f], 9))],
    ["truncated", "cut in the header", () => read(genuine.subarray(0, 11_000))],
    ["truncated", "cut in the last block", () => read(genuine.subarray(0, genuine.length - 3))],
    ["trailing-bytes", "something behind", () => read(joined([genuine, Uint8Array.of(1)]))],
    [
      "bad-petsird",
      "an event outside the scanner",
      withBlock(["EventTimeBlock", { ...event, promptEvents: [[Uint32Array.of(48, 0, 0)]] }]),
    ],
    [
      "bad-petsird",
      "a TOF bin that is none",
      withBlock(["EventTimeBlock", { ...event, delayedEvents: [[Uint32Array.of(0, 0, 3)]] }]),
    ],
    [
      "bad-petsird",
      "time that runs back",
      withBlock(["EventTimeBlock", { ...event, timeInterval: { start: 5, stop: 4 } }]),
    ],
    [
      "bad-petsird",
      "a signal nobody announced",
      withBlock([
        "ExternalSignalTimeBlock",
        { timeInterval: { start: 0, stop: 0 }, signalID: 8, signalValues: new Float32Array(0) },
      ]),
    ],
    [
      "bad-petsird",
      "edges that fall",
      () =>
        joined(
          writePetsird(
            { ...header, scanner: { ...header.scanner, tofBinEdges: [[{ edges: Float32Array.of(1, 0) }], []] } },
            [],
          ),
        ),
    ],
    [
      "does-not-fit",
      "a policy of another version",
      () => joined(writePetsird({ ...header, scanner: { ...header.scanner, singleEventPolicy: "none" as "all" } }, [])),
    ],
  ])("%s: %s", (code, _, act) => {
    expect(act).toThrow(expect.objectContaining({ name: "DataError", code }));
  });

  test("a file of another version is refused by both names", () => {
    expect(() => read(later)).toThrow(/expected PETSIRD 0\.8\.0 to 0\.9\.1, found PETSIRD 0\.12\.0/);
    const unknown = genuine.slice();
    unknown[600] = unknown[600] === 0x61 ? 0x62 : 0x61;
    expect(() => read(unknown)).toThrow(
      /expected PETSIRD 0\.8\.0 to 0\.9\.1, found PETSIRD of a version not known here/,
    );
  });
});
