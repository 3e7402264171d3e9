/** The linear model from a SNIRF file to its tables: light made of known concentrations. */
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Channel, Events, Montage, Recording } from "@quintet/core";
import { writeSnirf } from "@quintet/io/node";
import { responseAt, responseFunctions, seededRandom } from "@quintet/kernels";
import { extinction } from "@quintet/modalities/fnirs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fitNirsFile } from "./fit-nirs-file.ts";

const [rate, n] = [10, 4000];
const onsets = [30, 72, 111, 157, 200, 241, 287, 332];
const [wavelengths, factor] = [[760, 850] as const, 6];
const pairs = [
  ["S1", "D1", 30],
  ["S2", "D2", 30],
  ["S1", "D8", 8],
  ["S2", "D9", 30],
] as const;
const montage: Montage = {
  space: "CapTrak",
  sensors: [
    { name: "S1", kind: "source", position: [0, 0, 90] },
    { name: "D1", kind: "detector", position: [30, 0, 90] },
    { name: "D8", kind: "detector", position: [0, 8, 90] },
    { name: "S2", kind: "source", position: [70, 0, 90] },
    { name: "D2", kind: "detector", position: [100, 0, 90] },
    { name: "D9", kind: "detector", position: [70, 30, 90] },
  ],
};
const [response] = responseFunctions("none");
const peak = Math.max(...Array.from({ length: 400 }, (_, k) => responseAt(response!, k / 10, 10)));

/** S1-D1 answers with 1 umol/L of HbO and -0.4 of HbR; S2-D9 is loose: its wavelengths share no pulse. */
function light(): Recording {
  const random = seededRandom(7);
  const channels: Channel[] = [];
  const data = new Float64Array(pairs.length * 2 * n);
  for (const [source, detector, distance] of pairs) {
    for (const wavelength of wavelengths) {
      const { hbo, hbr } = extinction("prahl", wavelength);
      const row = channels.length;
      channels.push({
        name: `${source}_${detector} ${wavelength}`,
        kind: "nirs-intensity",
        unit: "{intensity}",
        sensors: [source, detector],
        wavelength,
      });
      for (let t = 0; t < n; t++) {
        const seconds = t / rate;
        const task =
          detector === "D1" ? onsets.reduce((sum, o) => sum + responseAt(response!, seconds - o, 10) / peak, 0) : 0;
        const beat = 0.5 * Math.sin(2 * Math.PI * 1.1 * seconds + (detector === "D9" ? wavelength : 0));
        const change = 1e-6 * (hbo * (task + beat) - 0.4 * hbr * task);
        const density = Math.LN10 * change * (distance / 10) * factor + 3e-4 * random.normal();
        data[row * n + t] = Math.exp(-density);
      }
    }
  }
  return { clock: "recording", groups: [{ rate, channels, segments: [{ start: 0, data }] }] };
}
const events = (duration: number): Events => ({
  clock: "recording",
  list: onsets.map((onset) => ({ onset, duration, type: "tap" })),
});

let folder = "";
const at = (name: string): string => join(folder, name);
const options = { light: { pathlength: { ppf: factor } } } as const;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "quintet-nirs-"));
  const recording = light();
  await writeFile(at("tap_nirs.snirf"), await writeSnirf({ recording, events: events(10), montage }));
  await writeFile(at("instant_nirs.snirf"), await writeSnirf({ recording, events: events(0), montage }));
});
afterAll(() => rm(folder, { recursive: true }));

describe("the linear model of a SNIRF file", () => {
  test("the planted response at its pair, the loose pair left out, the tables whole", async () => {
    const fitted = await fitNirsFile(at("tap_nirs.snirf"), at("out"), options);
    expect(fitted.pairs).toEqual({ long: 2, short: 1 });
    expect(fitted.leftOut.map(({ pair }) => pair)).toEqual(["S2-D9"]);
    expect(fitted.conditions).toMatchObject([{ name: "tap", events: 8, found: ["S1-D1"] }]);
    expect((await readdir(at("out"))).sort()).toEqual(fitted.files.map((file) => file.split("/").at(-1)).sort());
    const [head, ...rows] = (await readFile(at("out/tap_desc-glm_channels.tsv"), "utf8"))
      .trim()
      .split("\n")
      .map((line) => line.split("\t"));
    const value = (detector: string, kind: string, column: string): number =>
      Number(rows.find((row) => row[2] === detector && row[3] === kind)?.[head!.indexOf(column)]);
    // The light's noise is 0.03 umol/L a sample: the errors of eight blocks are below 0.02.
    expect(Math.abs(value("D1", "hbo", "beta") - 1)).toBeLessThan(0.05);
    expect(Math.abs(value("D1", "hbr", "beta") + 0.4)).toBeLessThan(0.05);
    expect(value("D1", "hbo", "p")).toBeLessThan(1e-6);
    expect(Math.abs(value("D2", "hbo", "beta"))).toBeLessThan(0.05);
    expect(value("D1", "hbo", "distance")).toBe(30);
  });

  test("half the pathlength is twice the concentration, and the result says which was used", async () => {
    const [six, three] = [
      await fitNirsFile(at("tap_nirs.snirf"), at("six"), options),
      await fitNirsFile(at("tap_nirs.snirf"), at("three"), { light: { pathlength: { ppf: 3 } } }),
    ];
    expect([six.pathlength, three.pathlength]).toEqual(["ppf 6", "ppf 3"]);
    const first = async (name: string): Promise<number> =>
      Number((await readFile(at(`${name}/tap_desc-glm_channels.tsv`), "utf8")).split("\n")[1]?.split("\t")[5]);
    expect((await first("three")) / (await first("six"))).toBeCloseTo(2, 4);
  });

  test("events without a duration: refused, or given one", async () => {
    await expect(fitNirsFile(at("instant_nirs.snirf"), at("none"), options)).rejects.toMatchObject({
      code: "no-duration",
    });
    const fitted = await fitNirsFile(at("instant_nirs.snirf"), at("given"), { ...options, duration: 10 });
    expect(fitted.conditions[0]?.found).toEqual(["S1-D1"]);
  });

  test("no pair coupled: refused, nothing written", async () => {
    await expect(fitNirsFile(at("tap_nirs.snirf"), at("loose"), { ...options, coupling: 1.1 })).rejects.toMatchObject({
      code: "all-left-out",
    });
    await expect(readdir(at("loose"))).rejects.toMatchObject({ code: "ENOENT" });
  });
});
