import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readEventsTsv, xdfClockOffset, xdfFileHeader, xdfMagic, xdfSamplesChunk, xdfStreamHeader } from "@quintet/io";
import { readRecording } from "@quintet/io/node";
import { afterAll, beforeAll, expect, test } from "vitest";
import { writeXdfStudy } from "./write-xdf-study.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "quintet-xdf-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const info = (name: string, type: string, format: string, channels: number, rate: number, desc: string): string =>
  `<?xml version="1.0"?><info><name>${name}</name><type>${type}</type><channel_count>${channels}</channel_count>` +
  `<nominal_srate>${rate}</nominal_srate><channel_format>${format}</channel_format><source_id>x</source_id><desc>${desc}</desc></info>`;
const channel = (fields: Record<string, string>): string =>
  `<channel>${Object.entries(fields)
    .map(([k, v]) => `<${k}>${v}</${k}>`)
    .join("")}</channel>`;
const optode = (label: string, role: string, x: number): string =>
  `<optode><label>${label}</label><function>${role}</function><location><X>${x}</X><Y>0</Y><Z>50</Z></location></optode>`;

/** EEG from 100 s of its clock, which is 1000 s ahead; light from 501 s of the recorder's; marks at 505 and 510 s. */
function run(): Uint8Array {
  const eeg = info(
    "cap",
    "EEG",
    "float32",
    2,
    100,
    `<channels>${["Cz", "Pz"].map((label) => channel({ label, type: "EEG", unit: "microvolts" })).join("")}</channels>`,
  );
  const light = [760, 850].map((wavelength) =>
    channel({
      label: `S1_D1 ${wavelength}`,
      type: "NIRS",
      source: "S1",
      detector: "D1",
      wavelength: String(wavelength),
    }),
  );
  const nirs = info(
    "light",
    "NIRS",
    "double64",
    2,
    10,
    `<channels>${light.join("")}</channels><optodes>${optode("S1", "source", -30)}${optode("D1", "detector", 0)}</optodes>`,
  );
  const marks = info("keys", "Markers", "string", 1, 0, "");
  const stamps = (start: number, count: number, rate: number) =>
    Array.from({ length: count }, (_, i) => start + i / rate);
  const parts = [
    xdfMagic,
    xdfFileHeader("2026-01-02T03:04:05+0100"),
    xdfStreamHeader(1, eeg),
    xdfStreamHeader(2, nirs),
    xdfStreamHeader(3, marks),
    ...[1500, 1510, 1520].map((t) => xdfClockOffset(1, t, -1000)),
    xdfSamplesChunk(
      1,
      "float32",
      2,
      stamps(1500, 2000, 100),
      Array.from({ length: 4000 }, (_, i) => (i % 2 === 0 ? i / 2 : -1)),
    ),
    xdfSamplesChunk(
      2,
      "double64",
      2,
      stamps(501, 150, 10),
      Array.from({ length: 300 }, (_, i) => 1 + i / 1000),
    ),
    xdfSamplesChunk(3, "string", 1, [505, 510], ["tap", "rest"]),
  ];
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

test("EEG, light and marks become a data set on one clock", async () => {
  const [path, root] = [join(folder, "run.xdf"), join(folder, "study")];
  await writeFile(path, run());
  const { files, notes } = await writeXdfStudy(path, root, { task: "tapping" });
  expect(files).toEqual(["sub-01/eeg/sub-01_task-tapping_eeg.vhdr", "sub-01/nirs/sub-01_task-tapping_nirs.snirf"]);
  expect(notes).toEqual([]);
  const onsets = async (file: string) =>
    readEventsTsv(await readFile(join(root, file), "utf8"), { file, clock: "x" }).list.map(({ onset, type }) => [
      Number(onset.toFixed(6)),
      type,
    ]);
  // EEG begins at 500 s, light at 501 s of the recorder's clock.
  expect(await onsets("sub-01/eeg/sub-01_task-tapping_events.tsv")).toEqual([
    [5, "tap"],
    [10, "rest"],
  ]);
  expect(await onsets("sub-01/nirs/sub-01_task-tapping_events.tsv")).toEqual([
    [4, "tap"],
    [9, "rest"],
  ]);
  const eeg = await readRecording(join(root, files[0] as string));
  const group = eeg.recording.groups[0];
  expect(group?.rate).toBe(100);
  expect(group?.segments[0]?.data[7]).toBeCloseTo(7e-6, 12);
  const scans = await readFile(join(root, "sub-01/sub-01_scans.tsv"), "utf8");
  expect(scans).toMatch(/eeg\.vhdr\t2026-01-02T03:04:05/);
  expect(scans).toMatch(/nirs\.snirf\t2026-01-02T03:04:06/);
  const light = await readRecording(join(root, files[1] as string));
  expect(light.recording.groups[0]?.channels.map(({ wavelength, sensors }) => [wavelength, sensors])).toEqual([
    [760, ["S1", "D1"]],
    [850, ["S1", "D1"]],
  ]);
});

test("refused, and nothing is left behind", async () => {
  const [path, root] = [join(folder, "marks.xdf"), join(folder, "none")];
  await writeFile(
    path,
    Uint8Array.from([...xdfMagic, ...xdfStreamHeader(1, info("keys", "Markers", "string", 1, 0, ""))]),
  );
  await expect(writeXdfStudy(path, root)).rejects.toThrow(expect.objectContaining({ code: "no-recording" }));
  await expect(writeXdfStudy(path, folder)).rejects.toThrow(expect.objectContaining({ code: "folder-exists" }));
});
