/** Frames of moving images without a browser: made ready, fetched ahead, and told of while they are late. */
import type { Scene, SceneVolume } from "@quintet/view";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { FrameJob } from "../src/data/frame-thread.ts";
import { readyFrame } from "../src/data/ready-frame.ts";
import { VolumeStore } from "../src/data/volume-store.ts";
import { marksOf } from "../src/gl/marks.ts";
import type { StagePicture } from "../src/gl/picture.ts";
import type { Session } from "../src/session.ts";

test("voxels without a value stay so for the readout and are drawn as 0, or as the lowest where 0 is no value", () => {
  const buffer = Float32Array.of(2, Number.NaN, -1, 5).buffer;
  const { values, drawn, ranges } = readyFrame("float32", buffer, [4, 1, 1]);
  expect([...values]).toEqual([2, Number.NaN, -1, 5]);
  expect([...drawn]).toEqual([2, 0, -1, 5]);
  expect([...ranges.extremes]).toEqual([-1, 5]);
  expect([...readyFrame("float32", Float32Array.of(Number.NaN, 3, 7).buffer, [3, 1, 1]).drawn]).toEqual([3, 3, 7]);
  const whole = readyFrame("float32", Float32Array.of(1, 2).buffer, [2, 1, 1]);
  expect(whole.drawn).toBe(whole.values);
  expect(readyFrame("uint16", Uint16Array.of(7, 65535).buffer, [2, 1, 1]).drawn).toEqual(Float32Array.of(7, 65535));
});

const frames = (count: number): SceneVolume["frames"] =>
  Array.from({ length: count }, (_, k) => ({ start: 10 * k, duration: 10, sigma: 0 }));
const volume = (id: string, count: number, side: number): SceneVolume =>
  ({
    id,
    name: id.toUpperCase(),
    url: `/api/volume/${id}`,
    type: "float32",
    shape: [side, 1, 1],
    frames: frames(count),
  }) as unknown as SceneVolume;

/** Of whom frames were asked, in order: "pet 3". */
let asked: string[] = [];
beforeEach(() => {
  asked = [];
  vi.stubGlobal("location", { origin: "http://127.0.0.1" });
  vi.stubGlobal("fetch", async (url: URL, init: RequestInit) => {
    const [from = 0, end = 0] = (/bytes=(\d+)-(\d+)/.exec(new Headers(init.headers).get("range") ?? "") ?? [])
      .slice(1)
      .map(Number);
    const bytes = end + 1 - from;
    asked.push(`${url.pathname.split("/").at(-1)} ${from / bytes}`);
    return new Response(new Float32Array(bytes / 4).fill(from / bytes));
  });
  // As the thread does, without one.
  vi.stubGlobal(
    "Worker",
    class {
      #told: ((event: { data: unknown }) => void) | undefined;
      addEventListener(kind: string, listener: (event: { data: unknown }) => void): void {
        if (kind === "message") this.#told = listener;
      }
      postMessage({ id, type, buffer, shape }: FrameJob): void {
        queueMicrotask(() => this.#told?.({ data: { id, frame: readyFrame(type, buffer, shape) } }));
      }
    },
  );
});
afterEach(() => vi.unstubAllGlobals());

test("frames are fetched ahead from the nearest on, of all moving images, each once; nothing is told of it", async () => {
  let told = 0;
  const store = new VolumeStore(() => told++);
  const pet = volume("pet", 5, 4);
  const bold = volume("bold", 3, 4);
  await store.load(pet, 2);
  await store.load(bold, 0);
  expect(told).toBe(2);
  await store.fill(() => [
    { volume: pet, frame: 2 },
    { volume: bold, frame: 0 },
  ]);
  expect(asked.slice(0, 2)).toEqual(["pet 2", "bold 0"]);
  expect(asked.slice(2)).toEqual(["pet 3", "pet 1", "bold 1", "pet 4", "pet 0", "bold 2"]);
  expect([told, store.busy, store.peek("pet", 4)?.[0], store.peek("bold", 2)?.[3]]).toEqual([2, false, 4, 2]);
});

test("frames that a scrub reaches sooner come first", async () => {
  const store = new VolumeStore(() => undefined);
  const pet = volume("pet", 3, 4);
  const quick = { ...volume("bold", 5, 4), frames: frames(5).map((frame) => ({ ...frame, start: frame.start / 4 })) };
  await store.fill(() => [
    { volume: pet, frame: 1 },
    { volume: quick, frame: 0 },
  ]);
  expect(asked).toEqual(["bold 1", "bold 2", "bold 3", "pet 2", "pet 0", "bold 4"]);
});

test("what does not fit is not fetched ahead: the frames about the shown one are, and what is shown stays", async () => {
  // 400 bytes a frame: three fit into what may be filled.
  const store = new VolumeStore(() => undefined, 1500);
  const large = volume("pet", 40, 100);
  await store.load(large, 20);
  await store.fill(() => [{ volume: large, frame: 20 }]);
  expect(asked).toEqual(["pet 20", "pet 21", "pet 19"]);
  expect([store.bytes, store.peek("pet", 20)?.[0]]).toEqual([1200, 20]);
});

test("a frame that is late is told of in every pane: what is drawn, and what is wanted", () => {
  const pet = volume("pet", 20, 4);
  const scene = { volumes: [pet], sensors: [], recordings: [] } as unknown as Scene;
  const state = { time: 35, crosshair: false, sensors: false, blend: "over", channel: null };
  const session = { scene, store: { get: () => state } } as unknown as Session;
  const picture = (frame: number): StagePicture =>
    ({
      panes: ["axial", "3d"].map((kind, k) => ({
        id: kind,
        kind,
        x: 300 * k,
        y: 0,
        width: 300,
        height: 300,
        offset: 0,
      })),
      position: [0, 0, 0],
      centre: [0, 0, 0],
      pan: [0, 0, 0],
      side: 200,
      zoom: 1,
      zoom3d: 1,
      yaw: 0,
      pitch: 0,
      convention: "RAD",
      noseLeft: true,
      layers: [{ id: "pet", frame }],
    }) as unknown as StagePicture;
  const texts = (frame: number): string[] =>
    marksOf(picture(frame), session).flatMap((mark) =>
      mark.kind === "text" && mark.text.includes("→") ? [mark.text] : [],
    );
  expect(texts(1)).toEqual(["PET 2/20 → 4", "PET 2/20 → 4"]);
  expect(texts(3)).toEqual([]);
});
