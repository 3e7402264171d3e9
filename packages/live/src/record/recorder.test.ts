import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { readXdf } from "@quintet/io";
import { afterAll, beforeAll, expect, test } from "vitest";
import { interfaces, own, until } from "../../test/made-stream.ts";
import { openOutlet } from "../lsl/outlet.ts";
import { resolveStreams } from "../lsl/resolver.ts";
import { openRecorder } from "./recorder.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "quintet-record-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const sleep = (ms: number): Promise<void> => new Promise((go) => setTimeout(go, ms));
const find = async (name: string) => {
  const [found] = await resolveStreams(`source_id='${own(name)}'`, { interfaces, enough: 1 });
  if (found === undefined) throw new Error(`${name} was not found`);
  return found;
};

test("EEG, light and marks in one file: every sample, stamp, clock offset and footer", async () => {
  const path = join(folder, "three.xdf");
  const base = { channelCount: 2, format: "float32", rate: 100 } as const;
  await using eeg = await openOutlet({ ...base, name: "cap", type: "EEG", sourceId: own("rec-eeg") }, { interfaces });
  await using nirs = await openOutlet(
    { ...base, rate: 10, name: "light", type: "NIRS", sourceId: own("rec-nirs") },
    { interfaces },
  );
  await using marks = await openOutlet(
    { name: "keys", type: "Markers", channelCount: 1, format: "string", rate: 0, sourceId: own("rec-marks") },
    { interfaces },
  );
  const recorder = await openRecorder(path, { interfaces, clockEvery: 0.5 });
  for (const id of ["rec-eeg", "rec-nirs", "rec-marks"]) await recorder.add(await find(id));
  for (let k = 0; k < 15; k++) {
    eeg.push(Float32Array.from({ length: 20 }, (_, i) => 10 * k + (i >> 1)));
    nirs.push([k, -k]);
    if (k % 5 === 0) marks.push([`mark ${k}`]);
    await sleep(100);
  }
  const heard = () => recorder.status().streams;
  await until(() => heard().every(({ samples }, k) => samples === [150, 15, 3][k]));
  await until(() => heard()[0]?.clock !== undefined);
  expect(heard().map(({ info, state, samples }) => [info.name, state, samples])).toEqual([
    ["cap", "open", 150],
    ["light", "open", 15],
    ["keys", "open", 3],
  ]);
  await recorder.stop();
  const xdf = readXdf(readFileSync(path), { file: path });
  expect(xdf.problems).toEqual([]);
  const [a, b, c] = xdf.streams;
  expect([...(a?.values.subarray(0, 150) ?? [])]).toEqual(Array.from({ length: 150 }, (_, i) => i));
  expect([...(b?.values ?? [])]).toEqual([...Array(15).keys(), ...[...Array(15).keys()].map((k) => -k)]);
  expect(c?.strings).toEqual(["mark 0", "mark 5", "mark 10"]);
  expect(xdf.streams.map(({ footerCount }) => footerCount)).toEqual([150, 15, 3]);
  expect(a?.offsets.values.length).toBeGreaterThanOrEqual(1);
  // Sender and recorder are one clock here.
  expect(Math.max(...(a?.offsets.values ?? [1]).map(Math.abs))).toBeLessThan(5e-3);
});

test("a stream that vanishes and comes back goes on in the same file", async () => {
  const path = join(folder, "back.xdf");
  const made = {
    name: "cap",
    type: "EEG",
    channelCount: 1,
    format: "int16",
    rate: 0,
    sourceId: own("rec-back"),
  } as const;
  const first = await openOutlet(made, { interfaces });
  const notes: string[] = [];
  const recorder = await openRecorder(path, { interfaces, onNote: (note) => notes.push(note) });
  await recorder.add(await find("rec-back"));
  const heard = () => recorder.status().streams[0]?.samples;
  first.push([1]);
  await until(() => heard() === 1);
  await first.close();
  await until(() => notes.length === 1);
  await using second = await openOutlet(made, { interfaces });
  await until(() => second.readers() === 1 && notes.length === 2);
  second.push([2]);
  await until(() => heard() === 2);
  await recorder.stop();
  expect(notes).toEqual(["cap: vanished, being looked for", "cap: reading again; its clock began anew"]);
  expect([...(readXdf(readFileSync(path), { file: path }).streams[0]?.values ?? [])]).toEqual([1, 2]);
});

test("a recording is never written over; a full disk is told of", async () => {
  const path = join(folder, "once.xdf");
  await (await openRecorder(path)).stop();
  await expect(openRecorder(path)).rejects.toThrow(expect.objectContaining({ code: "file-exists" }));
  await expect(openRecorder(join(folder, "no/such/folder.xdf"))).rejects.toThrow(
    expect.objectContaining({ code: "cannot-write" }),
  );
});

test("killed, a recorder leaves a file that opens and has lost at most a second", async () => {
  const sourceId = own("rec-kill");
  await using outlet = await openOutlet(
    { name: "cap", type: "EEG", channelCount: 8, format: "float32", rate: 1000, sourceId },
    { interfaces },
  );
  for (const ticks of [60, 95]) {
    const path = join(folder, `killed-${ticks}.xdf`);
    const script = new URL("../../test/record-until-killed.ts", import.meta.url).pathname;
    const child = spawn(process.execPath, [script, path, sourceId], { stdio: ["ignore", "pipe", "inherit"] });
    const timer = setInterval(() => outlet.push(new Float32Array(8 * 20)), 20);
    // What it had heard at every 20 ms of its own: a second of a machine that does something else meanwhile is none.
    const heard: number[] = [];
    for await (const line of createInterface({ input: child.stdout }))
      if (heard.push(Number(line)) === ticks) child.kill("SIGKILL");
    clearInterval(timer);
    const stream = readXdf(readFileSync(path), { file: path }).streams[0];
    const aSecondBefore = heard.at(-51) as number;
    expect(aSecondBefore).toBeGreaterThan(0);
    expect(stream?.stamps.length ?? 0).toBeGreaterThanOrEqual(aSecondBefore);
  }
});
