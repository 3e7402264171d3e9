import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Channel, type ChannelGroup, channelData, type Events, type Recording } from "@quintet/core";
import { writeBrainVision } from "@quintet/io";
import { readRecording } from "@quintet/io/node";
import { seededRandom } from "@quintet/kernels";
import { bandPower } from "@quintet/modalities/eeg";
import { afterAll, describe, expect, test } from "vitest";
import { background, inScannerEeg } from "../../../../testing/in-scanner-eeg.ts";
import { describeRealData } from "../../../../testing/real-data.ts";
import { cleanEeg } from "./clean-eeg.ts";
import { cleanEegFile } from "./clean-eeg-file.ts";

const folder = mkdtempSync(join(tmpdir(), "quintet-eeg-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const rate = 250;
const none: Events = { clock: "c", list: [] };
function firstSeconds(group: ChannelGroup, seconds: number): ChannelGroup {
  const n = Math.round(seconds * group.rate);
  const data = new Float64Array(n * group.channels.length);
  group.channels.forEach((_, row) => {
    data.set(channelData(group, group.segments[0], row).subarray(0, n), row * n);
  });
  return { ...group, segments: [{ start: group.segments[0].start, data }] };
}
function recordingOf(seconds: number, names: readonly string[] = ["Fp1", "Fp2", "C3", "C4", "O1", "O2"]): Recording {
  const random = seededRandom(3);
  const n = seconds * rate;
  const shared = background(n, rate, random.fork("shared"), 2e-5);
  const rows = names.map((name) => {
    const own = background(n, rate, random.fork(name), 6e-6);
    return own.map((v, t) => v + shared[t] + 5e-6 * Math.sin((2 * Math.PI * 50 * t) / rate));
  });
  const channels = names.map((name): Channel => ({ name, kind: "eeg", unit: "V", sensors: [name] }));
  return {
    clock: "c",
    groups: [{ rate, channels, segments: [{ start: 0, data: Float64Array.from(rows.flatMap((row) => [...row])) }] }],
  };
}

test("the steps in their order, each told; the same seed gives the same numbers", () => {
  const input = { recording: recordingOf(30), events: none };
  const one = cleanEeg(input, { seed: 4 });
  expect(one.steps.map((step) => step.split(" ")[0])).toEqual(["Lines", "Filtered", "No", "6", "Referenced"]);
  expect(one.findings.map(({ name }) => name)).toEqual(["bad-channels-prep", "components"]);
  const sum = (r: Recording): number =>
    Float64Array.from(r.groups[0].segments[0].data).reduce((a, b) => a + Math.abs(b), 0);
  expect(sum(cleanEeg(input, { seed: 4 }).recording)).toBe(sum(one.recording));
  // After an average reference the channels add up to nothing.
  const { data } = one.recording.groups[0].segments[0];
  const n = data.length / 6;
  expect(
    data[100] + data[n + 100] + data[2 * n + 100] + data[3 * n + 100] + data[4 * n + 100] + data[5 * n + 100],
  ).toBeCloseTo(0, 12);
});

test("volume triggers are found by their names, and the artefact is gone", () => {
  const scan = inScannerEeg({ volumes: 12, rate: 1000, jitter: 0, step: 0 });
  const list = scan.triggers.map((onset) => ({ onset, duration: 0, type: "R128" }));
  const events = { clock: scan.recording.clock, list };
  const { steps, findings } = cleanEeg(
    { recording: scan.recording, events },
    { slices: 30, rate: 250, ica: false, reference: "none" },
  );
  expect(steps[0]).toMatch(/12 volumes, one every 2\.0003\d\d s/);
  expect(steps[1]).toContain("250 Hz");
  expect(findings.find(({ name }) => name === "gradient-removed")?.value).toBeLessThan(-40);
});

describe("refusals", () => {
  const withChannel = (change: (channel: Channel, i: number) => Channel, recording = recordingOf(20)): Recording => ({
    ...recording,
    groups: recording.groups.map((group) => ({ ...group, channels: group.channels.map(change) })),
  });
  const copied = (): Recording => {
    const recording = recordingOf(20);
    const { data } = recording.groups[0].segments[0];
    const n = data.length / 6;
    const same = data.slice();
    for (let row = 1; row < 6; row++) same.set(data.subarray(0, n), row * n);
    return { ...recording, groups: [{ ...recording.groups[0], segments: [{ start: 0, data: same }] }] };
  };
  test.each([
    ["duplicate names", withChannel((c) => ({ ...c, name: "Cz" })), {}, "duplicate-channels"],
    ["one good channel", withChannel((c, i) => (i === 0 ? c : { ...c, status: "bad" })), {}, "no-channels"],
    ["all channels one and the same", copied(), {}, "rank-deficient"],
    [
      "NaN",
      {
        ...recordingOf(20),
        groups: [
          { ...recordingOf(20).groups[0], segments: [{ start: 0, data: new Float64Array(6 * 5000).fill(Number.NaN) }] },
        ],
      },
      {},
      "not-finite",
    ],
    ["less than the filter", recordingOf(3), {}, "segment-too-short"],
    ["infinity without places", recordingOf(20), { reference: "infinity" as const }, "no-positions"],
    ["a reference that is not there", recordingOf(20), { reference: ["M1"] }, "no-such-channel"],
    ["volumes that are not there", recordingOf(20), { volumes: "R128" }, "no-events"],
    [
      "interpolation without places",
      withChannel((c, i) => (i === 5 ? { ...c, status: "bad" } : c)),
      { interpolate: true },
      "no-positions",
    ],
  ])("%s", (_, recording, options, code) => {
    expect(() => cleanEeg({ recording, events: none }, options)).toThrow(expect.objectContaining({ code }));
  });
});

describe("files", () => {
  test("a BrainVision recording becomes a clean one, tables, findings and a page", async () => {
    for (const { name, bytes } of writeBrainVision(recordingOf(30), none, { name: "rest_eeg" }))
      writeFileSync(join(folder, name), bytes);
    const out = join(folder, "out");
    const shares: number[] = [];
    const result = await cleanEegFile(join(folder, "rest_eeg.vhdr"), out, {
      onProgress: (share) => shares.push(share),
    });
    expect(readdirSync(out).sort()).toEqual([...result.files].sort());
    expect(result.files.filter((name) => /\.(vhdr|vmrk|eeg)$/.test(name)).length).toBe(3);
    const back = await readRecording(join(out, "rest_desc-clean_eeg.vhdr"));
    expect(back.recording.groups[0].channels.length).toBe(6);
    const facts = JSON.parse(readFileSync(join(out, "rest_desc-clean_qc.json"), "utf8"));
    expect(facts.inputs[0].sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(readFileSync(join(out, "rest_desc-clean_report.html"), "utf8")).toContain("Referenced to the average");
    expect(shares).toEqual([...shares].sort((a, b) => a - b));
    expect(shares.at(-1)).toBe(1);
  });
  test("nothing is written of what is refused, and the file is named", async () => {
    const out = join(folder, "refused");
    const wrong = cleanEegFile(join(folder, "rest_eeg.vhdr"), out, { reference: ["M1"] });
    await expect(wrong).rejects.toThrow(/rest_eeg\.vhdr.*M1/);
    expect(existsSync(out)).toBe(false);
  });
});

describeRealData("EEGLAB sample", ["eeg/eeglab/eeglab_data.set"], (path) => {
  test("of its first minute no channel is bad without 60 Hz, at most some eye components leave, alpha stays largest behind", async () => {
    const { recording, events, montage } = await readRecording(path);
    const minute = { ...recording, groups: recording.groups.map((group) => firstSeconds(group, 60)) };
    const done = cleanEeg({ recording: minute, events, ...(montage ? { montage } : {}) });
    expect(done.channels.flatMap(({ reasons }) => reasons)).toEqual([]);
    const removed = done.components.filter((component) => component.removed);
    expect(removed.length).toBeLessThanOrEqual(3);
    expect(removed.every(({ label }) => label === "eye")).toBe(true);
    const power = bandPower(done.recording).filter(({ band }) => band === "alpha");
    expect(power.sort((x, y) => y.power - x.power)[0].channel).toMatch(/^(Pz|POz|PO3|P3|Oz|O1|O2)$/);
  });
});
