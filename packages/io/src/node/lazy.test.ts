import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { Recording, Volume } from "@quintet/core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { writeBrainVision } from "../brainvision/write-brainvision.ts";
import { writeBdf, writeEdf } from "../edf/write-edf.ts";
import { writeNifti } from "../nifti/write.ts";
import { openRecording } from "./lazy-recording.ts";
import { readRecording } from "./recordings.ts";
import { readFirstFrame, readVolumeHead } from "./volume-head.ts";
import { readVolume } from "./volumes.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "quintet-lazy-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Two channels of 4 s at 250 Hz, a gap of 1 s after the second, values that no two samples share. */
const recording: Recording = {
  clock: "recording",
  groups: [
    {
      rate: 250,
      channels: ["C3", "C4"].map((name) => ({ name, kind: "eeg", unit: "V", sensors: [name] })),
      segments: [0, 3].map((start, k) => ({
        start,
        data: Float64Array.from({ length: 1000 }, (_, i) => 1e-6 * (i - 500 + 3 * k)),
      })),
    },
  ],
};

type Layout = "edf" | "bdf" | "MULTIPLEXED" | "VECTORIZED";

async function inFiles(layout: Layout): Promise<string> {
  if (layout === "edf" || layout === "bdf") {
    const path = join(folder, `recording.${layout}`);
    await writeFile(path, layout === "edf" ? writeEdf(recording) : writeBdf(recording));
    return path;
  }
  for (const { name, bytes } of writeBrainVision(recording, undefined, { name: layout, orientation: layout }))
    await writeFile(join(folder, name), bytes);
  return join(folder, `${layout}.vhdr`);
}

test.each<Layout>(["edf", "bdf", "MULTIPLEXED", "VECTORIZED"])(
  "any window of %s is the same samples as the whole file's",
  async (layout) => {
    const path = await inFiles(layout);
    const whole = (await readRecording(path)).recording.groups[0] as Recording["groups"][number];
    using open = await openRecording(path);
    const [group] = open.groups;
    expect([open.lazy, group?.rate, group?.channels]).toEqual([true, 250, whole.channels]);
    expect(group?.segments).toEqual(whole.segments.map(({ start, data }) => ({ start, samples: data.length / 2 })));
    for (const [segment, first, end] of [
      [0, 0, 500],
      [0, 7, 8],
      [1, 249, 251],
      [1, 499, 500],
      [0, 3, 3],
    ] as const) {
      const { data } = whole.segments[segment] as (typeof whole.segments)[number];
      const wanted = [0, 1].flatMap((c) => [...data.subarray(500 * c + first, 500 * c + end)]);
      expect([...open.read(0, segment, first, end)]).toEqual(wanted);
    }
  },
);

test("a recording that is cut off, or is something else, is refused as it is when read whole", async () => {
  const path = join(folder, "cut.edf");
  await writeFile(path, writeEdf(recording).subarray(0, -100));
  await expect(openRecording(path)).rejects.toMatchObject({ code: "truncated" });
  await writeFile(path, "no recording".repeat(50));
  await expect(openRecording(path)).rejects.toMatchObject({ code: "not-edf" });
  await expect(openRecording(join(folder, "none.edf"))).rejects.toMatchObject({ code: "not-found" });
});

const series: Volume = {
  unit: "{arbitrary}",
  shape: [40, 40, 40],
  affine: Float64Array.of(-2, 0, 0, 9, 0, 2, 0, -4, 0, 0, 2, -5, 0, 0, 0, 1),
  space: "scanner",
  frames: [0, 1, 2].map((k) => ({ start: 2 * k, duration: 2 })),
  clock: "image",
  // Noise does not pack: the file is longer than what is read of its start.
  data: Float32Array.from({ length: 3 * 64000 }, (_, i) => Math.sin(i * i)),
};

test.each(["nii", "nii.gz"])("grid, frames and first frame of a .%s without the rest of it", async (ending) => {
  const path = join(folder, `series.${ending}`);
  const bytes = writeNifti(series);
  await writeFile(path, ending === "nii" ? bytes : gzipSync(bytes));
  const { shape, affine, space, frames, data } = await readVolume(path);
  expect(await readVolumeHead(path)).toEqual({ shape, affine, space, frames });
  const first = await readFirstFrame(path);
  expect([first.frames.length, first.data]).toEqual([1, data.subarray(0, 64000)]);
});

test.each([false, true])("a header with 20 kB of extensions is read with them, packed: %s", async (packed) => {
  const path = join(folder, packed ? "long.nii.gz" : "long.nii");
  const plain = writeNifti(series);
  const bytes = new Uint8Array(plain.length + 20_000);
  bytes.set(plain.subarray(0, 352));
  bytes.set(plain.subarray(352), 20_352);
  // What does not pack, so that the header's end lies behind the first packed bytes too.
  for (let i = 360; i < 20_352; i++) bytes[i] = (i * i * 2_654_435_761) >>> 11;
  const view = new DataView(bytes.buffer);
  view.setFloat32(108, 20_352, true);
  bytes[348] = 1;
  view.setInt32(352, 20_000, true);
  view.setInt32(356, 6, true);
  await writeFile(path, packed ? gzipSync(bytes) : bytes);
  const { shape, affine, space, frames, data } = await readVolume(path);
  expect(await readVolumeHead(path)).toEqual({ shape, affine, space, frames });
  expect((await readFirstFrame(path)).data).toEqual(data.subarray(0, 64000));
});

test("a packed stream that ends inside the first frame is told of", async () => {
  const path = join(folder, "cut.nii.gz");
  const packed = gzipSync(writeNifti(series));
  await writeFile(path, packed.subarray(0, 270_000 < packed.length / 3 ? 200_000 : packed.length / 6));
  await expect(readFirstFrame(path)).rejects.toMatchObject({ code: "truncated" });
});
