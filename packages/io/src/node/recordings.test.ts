import { mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { channelData, type DataError } from "@quintet/core";
import { afterAll, describe, expect, test } from "vitest";
import { discontinuousEdf, smallBdf } from "../../../../fixtures/signals/edf.ts";
import { eeglabFdt, eeglabSamples, eeglabSet, eeglabSize } from "../../../../fixtures/signals/eeglab.ts";
import { homerNirs } from "../../../../fixtures/signals/homer.ts";
import { eegGroup, eegRecording, opticalRecording, someEvents } from "../../../../fixtures/signals/recordings.ts";
import { describeRealData } from "../../../../testing/real-data.ts";
import { writeBrainVision } from "../brainvision/write-brainvision.ts";
import type { Hdf5Dataset } from "../hdf5/hdf5-tree.ts";
import { readHdf5, writeHdf5 } from "./hdf5.ts";
import { readRecording } from "./recordings.ts";
import { readSnirf, writeSnirf } from "./snirf.ts";

const folder = mkdtempSync(join(tmpdir(), "quintet-recordings-"));
afterAll(() => rmSync(folder, { recursive: true }));
const put = (name: string, bytes: Uint8Array): string => {
  writeFileSync(join(folder, name), bytes);
  return join(folder, name);
};
const code = async (act: () => Promise<unknown>): Promise<string> =>
  act().then(
    () => "none",
    (error: DataError) => error.code,
  );

describe("by content and extension", () => {
  test.each([
    ["a.edf", discontinuousEdf(), "EDF"],
    ["a.bdf", smallBdf(), "BDF"],
    ["a.rec", discontinuousEdf(), "EDF"],
    ["a.set", eeglabSet(), "EEGLAB"],
    ["a.mat", eeglabSet(), "EEGLAB"],
    ["a.nirs", homerNirs(), "Homer"],
    ["b.mat", homerNirs(), "Homer"],
  ])("%s", async (name, bytes, format) => {
    expect((await readRecording(put(name, bytes))).format).toBe(format);
  });

  test("any of the three BrainVision files, also after all were renamed together", async () => {
    const recording = eegRecording([eegGroup(100, ["Cz"], [[0, 300]])]);
    for (const part of writeBrainVision(recording, someEvents, { name: "rec" })) put(part.name, part.bytes);
    for (const name of ["rec.vhdr", "rec.vmrk", "rec.eeg"]) {
      expect((await readRecording(join(folder, name))).recording.groups[0]?.segments[0]?.data.length).toBe(300);
    }
    for (const extension of ["vhdr", "vmrk", "eeg"])
      renameSync(join(folder, `rec.${extension}`), join(folder, `sub-01_eeg.${extension}`));
    const renamed = await readRecording(join(folder, "sub-01_eeg.vhdr"));
    expect(renamed.problems.filter((p) => p.includes("older name")).length).toBe(2);
    rmSync(join(folder, "sub-01_eeg.eeg"));
    expect(await code(() => readRecording(join(folder, "sub-01_eeg.vhdr")))).toBe("missing-file");
  });

  test(".set with its .fdt, from either", async () => {
    put("c.set", eeglabSet({ data: "c.fdt" }));
    put("c.fdt", eeglabFdt());
    expect((await readRecording(join(folder, "c.fdt"))).recording.groups[0]?.channels.length).toBe(3);
    rmSync(join(folder, "c.fdt"));
    expect(await code(() => readRecording(join(folder, "c.set")))).toBe("missing-file");
  });

  test.each([
    ["wrong.edf", homerNirs(), "wrong-extension"],
    ["wrong.bdf", discontinuousEdf(), "wrong-extension"],
    ["wrong.set", discontinuousEdf(), "wrong-extension"],
    ["wrong.snirf", eeglabSet(), "wrong-extension"],
    ["wrong.vhdr", smallBdf(), "wrong-extension"],
    ["text.edf", new TextEncoder().encode("hello ".repeat(100)), "not-edf"],
    ["text.snirf", new TextEncoder().encode("hello ".repeat(100)), "not-hdf5"],
    ["text.xyz", new TextEncoder().encode("hello"), "unknown-format"],
    ["empty.edf", new Uint8Array(0), "truncated"],
  ])("%s is refused", async (name, bytes, expected) => {
    expect(await code(() => readRecording(put(name, bytes)))).toBe(expected);
  });

  test("no such file", async () => {
    expect(await code(() => readRecording(join(folder, "gone.edf")))).toBe("not-found");
  });
});

describe("SNIRF and MAT 7.3 through the worker", () => {
  test("write, then read a real HDF5 file; its name decides nothing", async () => {
    const made = opticalRecording();
    const bytes = await writeSnirf(made);
    const back = await readRecording(put("a.snirf", bytes));
    expect(back.format).toBe("SNIRF");
    expect(back.problems).toEqual([]);
    expect(back.events).toEqual(made.events);
    expect(back.montage).toEqual(made.montage);
    expect(back.recording.groups[0]?.segments[0]?.data).toEqual(made.recording.groups[0]?.segments[0]?.data);
    expect((await readRecording(put("d.h5", bytes))).format).toBe("SNIRF");
    expect(await code(() => readSnirf(bytes.slice(0, 4000)))).toBe("bad-hdf5");
    expect(await code(() => readSnirf(new Uint8Array(600)))).toBe("not-hdf5");
  });

  test("large tables are chunked and compressed and come back the same", async () => {
    const data = Float64Array.from({ length: 60_000 }, (_, i) => Math.sin(i));
    const bytes = await writeHdf5({
      kind: "group",
      children: { x: { kind: "dataset", shape: [20_000, 3], type: "float", data } },
    });
    const tree = await readHdf5(bytes, { file: "x" });
    expect(tree.children.x).toMatchObject({ shape: [20_000, 3], data });
  });

  test("a dataset that would unpack to more than 200 times the file is refused before it is read", async () => {
    const zeros: Hdf5Dataset = {
      kind: "dataset",
      shape: [8_000_000, 1],
      type: "float",
      data: new Float64Array(8_000_000),
    };
    const bytes = await writeHdf5({ kind: "group", children: { zeros } });
    expect(bytes.length * 200).toBeLessThan(64e6);
    expect(await code(() => readHdf5(bytes, { file: "x" }))).toBe("decompression-limit");
  });

  test("a reader that takes too long is stopped", async () => {
    const bytes = await writeSnirf(opticalRecording());
    expect(await code(() => readHdf5(bytes, { file: "x" }, { seconds: 0.001 }))).toBe("too-slow");
  });

  test("EEGLAB saved with -v7.3: references, reversed shapes, compressed samples (file made by h5py)", async () => {
    const set = new URL("../../../../fixtures/signals/eeglab-73.set", import.meta.url).pathname;
    const { recording, events, montage, format } = await readRecording(set);
    const group = recording.groups[0]!;
    expect(format).toBe("EEGLAB");
    expect(group.channels.map((c) => c.name)).toEqual(["Fz", "T7"]);
    expect(group.segments.map((s) => [s.start, s.data.length / 2])).toEqual([
      [0, 10],
      [3.5, 20],
    ]);
    expect(channelData(group, group.segments[1]!, 1).slice(0, 3)).toBeAllclose([21e-6, 23e-6, 25e-6], { rtol: 1e-6 });
    expect(events.list).toEqual([
      { onset: 0, duration: 0, type: "square" },
      { onset: 3.6, duration: 0.5, type: "7", value: 7 },
    ]);
    expect(montage!.sensors.map((s) => s.position)).toEqual([
      [-0, 60, 60],
      [-80, 0, 0],
    ]);
  });

  test("a .set that is HDF5 but no data set", async () => {
    const { channels, points } = eeglabSize;
    const bytes = await writeHdf5({
      kind: "group",
      children: {
        data: { kind: "dataset", shape: [points, channels], type: "float", data: Float64Array.from(eeglabSamples()) },
      },
    });
    expect(await code(() => readRecording(put("h.set", bytes)))).toBe("not-eeglab");
  });
});

describeRealData("SNIRF samples", ["fnirs"], (fnirs) => {
  const samples = readdirSync(fnirs!, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".snirf"));

  test.each(samples)("%s opens", async (name) => {
    const { recording, format } = await readRecording(join(fnirs!, name));
    expect(format).toBe("SNIRF");
    const light = recording.groups.filter((g) => g.channels.some((c) => c.kind === "nirs-intensity"));
    expect(light.length).toBe(name.includes("minimum_example") ? 0 : 1);
  });

  test("a recording of one detector row and 26 channels, as MNE 1.3.0 reads it", async () => {
    const { recording, montage } = await readRecording(
      join(fnirs!, "mne_SNIRF/MNE-NIRS/20220217/20220217_nirx_15_3_recording.snirf"),
    );
    const group = recording.groups[0]!;
    expect(group.channels.slice(0, 2).map((c) => c.name)).toEqual(["S1_D2 760", "S1_D9 760"]);
    expect([...channelData(group, group.segments[0]!, 0).slice(0, 3)]).toEqual([0.0949062, 0.0946775, 0.0946281]);
    expect(montage!.sensors[0]!.position).toBeAllclose([-86.6531575, 14.2595201, 24.2290287], { atol: 1e-6 });
  });
});

describeRealData(
  "the same recording as .nirs and as SNIRF",
  [
    "fnirs/homer3_GrpTap/subj1/Fingertapping_08212013.nirs",
    "fnirs/homer3_GrpTap/subj1/Fingertapping_08212013.pysnirf2-v120dev.snirf",
  ],
  (nirs, snirf) => {
    test("102 channels and 1955 samples equal to 1e-4, names, wavelengths and positions too", async () => {
      const [a, b] = [await readRecording(nirs!), await readRecording(snirf!)];
      const [x, y] = [a.recording.groups[0]!, b.recording.groups[0]!];
      const order = x.channels.map((c) => y.channels.findIndex((d) => d.name === c.name));
      expect(order.includes(-1)).toBe(false);
      expect(y.rate).toBeCloseTo(x.rate, 9);
      order.forEach((d, c) => {
        expect(y.channels[d]).toEqual(x.channels[c]);
        expect(channelData(y, y.segments[0]!, d)).toBeAllclose(channelData(x, x.segments[0]!, c), { rtol: 1e-4 });
      });
      for (const sensor of a.montage!.sensors) {
        expect(b.montage!.sensors.find((s) => s.name === sensor.name)?.position).toBeAllclose(sensor.position!, {
          atol: 1e-9,
        });
      }
    });
  },
);
