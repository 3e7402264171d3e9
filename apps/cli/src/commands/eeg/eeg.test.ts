import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Recording } from "@quintet/core";
import { readGiftiValues, writeEdf, writeGiftiSurface } from "@quintet/io";
import { seededRandom } from "@quintet/kernels";
import { sphereHead } from "@quintet/modalities/eeg";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { icosphere } from "../../../../../packages/modalities/src/mri/quantify/sphere.ts";
import { parse } from "../../command.ts";
import { eegSources } from "./sources.ts";
import { eegSpikes } from "./spikes.ts";

const folder = mkdtempSync(join(tmpdir(), "quintet-eeg-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const names = "Fp1 Fp2 F7 F3 Fz F4 F8 T7 C3 Cz C4 T8 P7 P3 Pz P4 P8 O1 O2 FC5 FC6 CP5 CP6 PO3".split(" ");
const places = names.map((_, i): [number, number, number] => {
  const z = 1 - (1.25 * (i + 0.5)) / names.length;
  const [r, phi] = [Math.sqrt(1 - z * z), i * Math.PI * (3 - Math.sqrt(5))];
  return [90 * r * Math.cos(phi), 90 * r * Math.sin(phi), 90 * z];
});
const truth: [number, number, number] = [-40, 10, 30];
const [recording, electrodes] = [join(folder, "a_eeg.edf"), join(folder, "a_electrodes.tsv")];

beforeAll(() => {
  const montage = {
    space: "head",
    sensors: names.map((name, i) => ({ name, kind: "electrode" as const, position: places[i]! })),
  };
  const { leadField } = sphereHead(montage, names);
  const random = seededRandom(4);
  const [rate, n] = [250, 250 * 60];
  const data = new Float64Array(names.length * n);
  const add = (place: [number, number, number], moment: readonly number[], course: Float64Array): void => {
    for (const [c, row] of leadField([place]).entries()) {
      const gain = moment.reduce((sum, q, k) => sum + q * row[k]!, 0);
      for (let t = 0; t < n; t++) data[c * n + t]! += gain * course[t]!;
    }
  };
  // Sixteen sources of slow noise make about 7 uV that neighbours share; white noise of 0.5 uV.
  for (let s = 0; s < 16; s++) {
    const course = new Float64Array(n);
    for (let t = 1; t < n; t++) course[t] = 0.95 * course[t - 1]! + random.normal();
    const draw = (): number => 2e-9 * random.normal();
    add([40 * Math.cos(s), 40 * Math.sin(s), 20 + 2 * s], [draw(), draw(), draw()], course);
  }
  const spikes = new Float64Array(n);
  for (let at = 5; at < 55; at += 4) for (let t = -30; t < 30; t++) spikes[at * rate + t] = Math.exp(-((t / 5) ** 2));
  add(truth, [2e-7, 0, -3e-7], spikes);
  for (let i = 0; i < data.length; i++) data[i]! += 5e-7 * random.normal();
  const made: Recording = {
    clock: "recording",
    groups: [
      {
        rate,
        channels: names.map((name) => ({ name, kind: "eeg", unit: "V", sensors: [name] })),
        segments: [{ start: 0, data }],
      },
    ],
  };
  const [bytes] = [writeEdf(made, { clock: "recording", list: [] })];
  writeFileSync(recording, bytes as Uint8Array);
  writeFileSync(electrodes, `name\tx\ty\tz\n${names.map((name, i) => [name, ...places[i]!].join("\t")).join("\n")}\n`);
  writeFileSync(
    join(folder, "a_coordsystem.json"),
    JSON.stringify({ EEGCoordinateSystem: "CapTrak", EEGCoordinateUnits: "mm" }),
  );
});

async function told(command: typeof eegSpikes, args: readonly string[]): Promise<Record<string, never>> {
  let text = "";
  const write = vi.spyOn(process.stdout, "write").mockImplementation((chunk) => {
    text += chunk;
    return true;
  });
  try {
    expect(await command.run(parse(command, [...args, "--json"]))).toBe(0);
  } finally {
    write.mockRestore();
  }
  return JSON.parse(text);
}

describe("a recording with twelve spikes or so of one source", () => {
  test("spikes are found, of one kind, with an events table", async () => {
    const found = (await told(eegSpikes, [recording, "--out", folder])) as unknown as {
      kinds: { spikes: number }[];
      files: string[];
    };
    expect(found.kinds[0]!.spikes).toBeGreaterThanOrEqual(11);
    expect(found.files.map((f) => f.split("_").slice(-2).join("_"))).toEqual([
      "desc-spikes_events.tsv",
      "desc-spikes_kinds.tsv",
      "eeg_desc-spikes.json",
    ]);
    expect(readFileSync(found.files[0]!, "utf8")).toContain("spike-1");
  });

  test("their source is found, in the volume and on a cortex", async () => {
    // Spheres through the source in place of the two sides of a cortex.
    const { vertices, faces } = icosphere(3);
    for (const side of ["L", "R"]) {
      const surface = {
        space: "head:CapTrak",
        vertices: Float32Array.from(vertices, (v, i) => (side === "L" ? 51 : 45) * v + (i % 3 === 2 ? 1 : 0)),
        faces: Uint32Array.from(faces),
      };
      writeFileSync(join(folder, `c_hemi-${side}_midthickness.surf.gii`), writeGiftiSurface(surface));
    }
    const args = [recording, "--electrodes", electrodes, "--out", folder, "--cortex", join(folder, "c")];
    const found = (await told(eegSources, args)) as unknown as {
      dipole: { position: number[]; goodness: number };
      peak: { place: number[] };
      cortex: { place: number[]; sources: number };
      files: string[];
      space: string;
    };
    const apart = (p: readonly number[]): number => Math.hypot(...p.map((v, k) => v - truth[k]!));
    expect(apart(found.dipole.position)).toBeLessThan(8);
    expect(apart(found.peak.place)).toBeLessThan(18);
    expect(found.dipole.goodness).toBeGreaterThan(0.9);
    expect(apart(found.cortex.place)).toBeLessThan(18);
    const painted = found.files.filter((file) => file.endsWith("_sources.shape.gii"));
    expect(painted.length).toBe(2);
    const [values] = readGiftiValues(readFileSync(painted[0]!));
    expect(values?.length).toBe(vertices.length / 3);
    const top = 3 * values!.indexOf(Math.max(...values!));
    expect(apart([0, 1, 2].map((k) => 51 * vertices[top + k]!))).toBeLessThan(18);
  });

  test.each([
    ["no-positions", [recording, "--out", folder]],
    ["no-events", [recording, "--electrodes", electrodes, "--event", "flash", "--out", folder]],
    ["no-such-channel", [recording, "--electrodes", electrodes, "--bad", "Q9", "--out", folder]],
  ])("refused: %s", async (code, args) => {
    await expect(eegSources.run(parse(eegSources, args))).rejects.toThrow(
      expect.objectContaining({ name: "DataError", code }),
    );
  });
});

test.each([
  [["a.edf"], /--out/],
  [["a.edf", "--out", "x", "--method", "music"], /sloreta/],
  [["a.edf", "--out", "x", "--conductivities", "1,2"], /three numbers/],
  [["a.edf", "--out", "x", "--mains", "55"], /50 or 60/],
  [["a.edf", "--out", "x", "--at", "soon"], /number/],
])("usage: %j", async (args, words) => {
  await expect(eegSources.run(parse(eegSources, args))).rejects.toThrow(words);
});
