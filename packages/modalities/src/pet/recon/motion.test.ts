import { apply, invert, type ListMode, rigid, type SinogramLayout, type Volume, voxelCount } from "@quintet/core";
import { osem, runToEnd, seededRandom } from "@quintet/kernels";
import { centredGrid } from "@quintet/twin";
import { beforeAll, describe, expect, test } from "vitest";
import { smallScanner } from "../../../../../testing/small-scanner.ts";
import { loadKernels } from "../../../../kernels/src/pool/node.ts";
import { sinogramProjector } from "../forward/sinogram-projector.ts";
import { frameEvents } from "./frame-events.ts";
import { histogram } from "./histogram.ts";
import { listModeModel, seenByPairs } from "./list-mode.ts";
import { listModeLayout } from "./list-mode-layout.ts";
import { type MotionTrack, posesOf } from "./motion-track.ts";
import { realignFrames } from "./realign-frames.ts";

const scanner = smallScanner({ detectors: 48, radius: 115 }, { crystals: 6, pitch: 12 });
const layout: SinogramLayout = { scanner, views: 24, bins: 33, span: 1, maxRingDifference: 5 };
const grid = centredGrid([24, 24, 12], [6, 6, 6]);
const origin = [-69, -69, -33];

/** A ball of 12 mm about (24, 0, 0) in the head, seen where `map` takes it. */
function ball(map: Float64Array): Float32Array {
  const back = invert(map);
  return Float32Array.from({ length: voxelCount(grid) }, (_, v) => {
    const at = [v % 24, Math.floor(v / 24) % 24, Math.floor(v / 576)].map((i, c) => origin[c]! + 6 * i) as [
      number,
      number,
      number,
    ];
    const [x, y, z] = apply(back, at);
    return Math.min(1, Math.max(0, 2.5 - Math.hypot(x - 24, y, z) / 6));
  });
}

/** Events of two poses, each half of 100 s, with the pairs of detectors of their bins. */
const maps = [rigid([0, 0, 0], [0, 0, 0]), rigid([0, 0, 25], [0, 12, 0])] as const;
const track: MotionTrack = { time: Float64Array.of(0, 50), maps };

function scan(seed: number, total: number): ListMode {
  const random = seededRandom(seed);
  const [time, a, b]: [number[], number[], number[]] = [[], [], []];
  const projector = sinogramProjector(layout, grid);
  for (const [half, map] of maps.entries()) {
    const mean = projector.forward(ball(map)).slice();
    const sum = mean.reduce((s, v) => s + v, 0);
    let bin = 0;
    for (let view = 0; view < 24; view++) {
      for (let u = 0; u < 33; u++) {
        const off = u - 16;
        const pair = [(view + (off >> 1) + 48) % 48, (view - ((off + 1) >> 1) + 24 + 48) % 48] as const;
        for (let segment = 0; segment <= 10; segment++) {
          const difference = segment === 0 ? 0 : segment % 2 === 1 ? (segment + 1) / 2 : -segment / 2;
          for (let i = 0; i < 6 - Math.abs(difference); i++, bin++) {
            const ra = i + Math.max(0, -difference);
            for (let k = random.poisson((mean[bin]! * total) / 2 / sum); k > 0; k--) {
              time.push(50 * half + 50 * random.uniform());
              a.push(ra * 48 + pair[0]);
              b.push((ra + difference) * 48 + pair[1]);
            }
          }
        }
      }
    }
  }
  projector.close();
  return {
    scanner,
    clock: "scanner",
    time: Float64Array.from(time),
    a: Uint32Array.from(a),
    b: Uint32Array.from(b),
    start: 0,
    duration: 100,
  };
}

function centre(image: Float32Array): readonly [number, number, number] {
  const sum = image.reduce((s, v) => s + v, 0);
  const at = (c: number, step: number, n: number): number =>
    image.reduce((s, v, i) => s + v * (origin[c]! + 6 * (Math.floor(i / step) % n)), 0) / sum;
  return [at(0, 1, 24), at(1, 24, 24), at(2, 576, 12)];
}
const spread = (image: Float32Array): number => {
  const [x, y, z] = centre(image);
  const sum = image.reduce((s, v) => s + v, 0);
  const square = image.reduce(
    (s, v, i) =>
      s +
      v *
        ((origin[0]! + 6 * (i % 24) - x) ** 2 +
          (origin[1]! + 6 * (Math.floor(i / 24) % 24) - y) ** 2 +
          (origin[2]! + 6 * Math.floor(i / 576) - z) ** 2),
    0,
  );
  return Math.sqrt(square / sum);
};

beforeAll(async () => {
  await loadKernels();
});

describe("events of a head that moves", () => {
  const events = scan(3, 8000);
  const terms = { normalisation: "none", attenuation: "none" } as const;
  const made = (moved: boolean): Float32Array => {
    const own = moved ? { ...terms, track } : terms;
    const { sensitivity } = seenByPairs(layout, grid, own, events);
    const model = listModeModel(events, grid, own, {
      sensitivity,
      efficiencies: "none",
      background: "none",
      count: 4,
    });
    const { image } = runToEnd(osem(model.subsets, { iterations: 3 }));
    model.close();
    return image;
  };
  test("event by event: the ball is where the head had it, as small as a ball that never moved", () => {
    const [blurred, sharp] = [made(false), made(true)];
    const [x, y, z] = centre(sharp);
    expect([x, y, z]).toBeAllclose([24, 0, 0], { atol: 1 });
    expect(Math.abs(centre(blurred)[1])).toBeGreaterThan(5);
    const still = spread(ball(maps[0]));
    expect(spread(sharp)).toBeLessThan(1.35 * still);
    expect(spread(blurred)).toBeGreaterThan(1.25 * spread(sharp));
  });
  test("the pairs of a list: as far from the axis and as many rings apart as its farthest event", () => {
    const found = listModeLayout(events);
    const least = { ...layout, bins: found.bins, maxRingDifference: found.maxRingDifference };
    expect(found.bins).toBeLessThanOrEqual(33);
    expect(histogram(events, least).outside).toBe(0);
    expect(histogram(events, { ...found, bins: found.bins - 2 }).outside).toBeGreaterThan(0);
    // 120 mm from the axis needs u = 48 / pi asin(1): all pairs; 60 mm u = 8
    expect(listModeLayout(events, 120).bins).toBe(47);
    expect(listModeLayout(events, 60).bins).toBe(Math.max(found.bins, 17));
  });
  test("a tracker's samples become the poses that differ, their shares kept", () => {
    const time = Float64Array.from({ length: 1000 }, (_, i) => i / 10);
    const wobble = (i: number): number => 0.1 * Math.sin(i);
    const turned = (i: number): Float64Array =>
      i < 250 ? rigid([0, 0, 0], [wobble(i), 0, 0]) : rigid([0, 0, 10], [0, wobble(i), 0]);
    const { poses } = posesOf({ time, maps: Array.from(time, (_, i) => turned(i)) }, events);
    expect(poses.map(({ share }) => share)).toBeAllclose([0.25, 0.75], { atol: 1e-9 });
  });
  test("frames of the list hold every event once, and their histograms too", () => {
    const frames = frameEvents(events, [
      { start: 0, duration: 50 },
      { start: 50, duration: 50 },
    ]);
    expect(frames.map((part) => part.a.length).reduce((s, n) => s + n, 0)).toBe(events.a.length);
    const counts = frames.map((part) => histogram(part, layout));
    expect(counts.map(({ outside }) => outside)).toEqual([0, 0]);
    const whole = histogram(events, layout).sinogram.data;
    expect(
      whole.map((n, i) => n - counts[0]!.sinogram.data[i]! - counts[1]!.sinogram.data[i]!).every((n) => n === 0),
    ).toBe(true);
  });
  test.each([
    ["bad-frames", () => frameEvents(events, [])],
    ["bad-frames", () => frameEvents(events, [{ start: 0, duration: -1 }])],
    ["bad-frames", () => frameEvents(events, [{ start: 60, duration: 50 }])],
    ["no-events", () => frameEvents({ ...events, time: events.time.map(() => 99) }, [{ start: 0, duration: 50 }])],
    ["no-tof", () => histogram(events, { ...layout, timeOfFlight: { bins: 3, width: 100 } })],
    ["bad-track", () => seenByPairs(layout, grid, { ...terms, track: { time: Float64Array.of(1, 0), maps } }, events)],
    [
      "bad-track",
      () =>
        posesOf(
          { time: Float64Array.of(0), maps: [Float64Array.of(2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 1)] },
          events,
        ),
    ],
    ["no-events", () => listModeLayout({ ...events, a: new Uint32Array(0) })],
    ["bad-event", () => listModeLayout({ ...events, a: events.a.map(() => 48 * 6) })],
  ])("refusal: %s", (code, attempt) => {
    expect(attempt).toThrow(expect.objectContaining({ code }));
  });
});

describe("realignFrames", () => {
  test("a late frame that moved is brought back, an early one is kept", () => {
    const blob = (map: Float64Array): Float32Array => {
      const back = invert(map);
      return Float32Array.from({ length: voxelCount(grid) }, (_, v) => {
        const at = [v % 24, Math.floor(v / 24) % 24, Math.floor(v / 576)].map((i, c) => origin[c]! + 6 * i) as [
          number,
          number,
          number,
        ];
        const [x, y, z] = apply(back, at);
        return (
          100 * Math.exp(-((x / 40) ** 2) - (y / 30) ** 2 - (z / 20) ** 2) +
          60 * Math.exp(-(((x - 15) / 12) ** 2) - ((y - 10) / 15) ** 2 - ((z + 5) / 12) ** 2)
        );
      });
    };
    const frames = [0, 400, 800, 1200].map((start) => ({ start, duration: 300 }));
    const poses = [
      rigid([0, 0, 0], [0, 0, 0]),
      rigid([0, 0, 0], [0, 0, 0]),
      rigid([0, 0, 0], [0, 0, 0]),
      rigid([2, 1, 4], [3, -2, 1]),
    ];
    const data = new Float32Array(4 * voxelCount(grid));
    for (const [t, map] of poses.entries()) data.set(blob(map), t * voxelCount(grid));
    const pet: Volume<"Bq/mL"> = { ...grid, unit: "Bq/mL", frames, clock: "scanner", data };
    const { image, kept } = realignFrames(pet);
    expect(kept).toEqual([0]);
    const n = voxelCount(grid);
    const off = (values: Float32Array): number => {
      const [p, q] = [values.subarray(2 * n, 3 * n), values.subarray(3 * n)];
      return Math.sqrt(p.reduce((s, v, j) => s + (v - q[j]!) ** 2, 0) / p.reduce((s, v) => s + v * v, 0));
    };
    expect(off(image.data)).toBeLessThan(0.3 * off(data));
    expect(() => realignFrames(pet, { from: 5000 })).toThrow(expect.objectContaining({ code: "no-frames" }));
  });
});
