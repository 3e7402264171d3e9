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
import { groupNirsTables } from "./group-nirs-tables.ts";

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
const options = { light: { pathlength: { ppf: factor } }, page: false } as const;
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
      await fitNirsFile(at("tap_nirs.snirf"), at("three"), { ...options, light: { pathlength: { ppf: 3 } } }),
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

  test("contrasts, free responses and the page: written where asked for, the pathlength in every one that needs it", async () => {
    const fitted = await fitNirsFile(at("tap_nirs.snirf"), at("all"), {
      ...options,
      page: true,
      repair: "tddr",
      response: "fir",
      contrasts: [{ name: "tap", rows: [{ tap: 1 }] }],
    });
    const names = fitted.files.map((file) => file.split("/").at(-1));
    expect(names).toEqual([
      "tap_desc-glm_channels.tsv",
      "tap_desc-glm_contrasts.tsv",
      "tap_desc-glm_responses.tsv",
      "tap_desc-glm.json",
      "tap_desc-glm_report.html",
    ]);
    const page = await readFile(at("all/tap_desc-glm_report.html"), "utf8");
    for (const words of [
      "partial pathlength factor",
      "760 nm 6",
      "Motion repaired by tddr",
      "tddr (used)",
      "spline-sg",
      "S2-D9: scalp coupling",
    ])
      expect(page).toContain(words);
    const responses = (await readFile(at("all/tap_desc-glm_responses.tsv"), "utf8")).trim().split("\n");
    // Two long pairs, two kinds, twelve bins.
    expect(responses.length).toBe(1 + 2 * 2 * 12);
  });

  test("what is unusable is left out and named, never repaired: dark, saturated, far, without a place", async () => {
    const recording = light();
    const group = recording.groups[0]!;
    const data = Float64Array.from(group.segments[0]!.data);
    data[2 * n + 5] = -1;
    for (let t = 0; t < n; t++) data[4 * n + t] = Math.min(data[4 * n + t] as number, 1.00001);
    const places = montage.sensors.map((s) => (s.name === "D9" ? { ...s, position: [70, 95, 90] as const } : s));
    const parts = {
      recording: { ...recording, groups: [{ ...group, segments: [{ start: 0, data }] }] },
      events: events(10),
      montage: { ...montage, sensors: places },
    };
    await writeFile(at("bad_nirs.snirf"), await writeSnirf(parts));
    const fitted = await fitNirsFile(at("bad_nirs.snirf"), at("bad"), options);
    const why = Object.fromEntries(fitted.leftOut.map(({ pair, why: said }) => [pair, said]));
    expect(why["S2-D2"]).toMatch(/negative/);
    expect(why["S1-D8"]).toMatch(/saturated/);
    expect(why["S2-D9"]).toMatch(/95 mm apart/);
    expect(fitted.conditions[0]?.found).toEqual(["S1-D1"]);
    expect(fitted.short).toBe("none");
  });

  test("a group of two: the mean of both, refused where the pathlength differs", async () => {
    const [a, b] = ["sub-01_nirs.snirf", "sub-02_nirs.snirf"];
    for (const name of [a, b]) await writeFile(at(name), await readFile(at("tap_nirs.snirf")));
    await fitNirsFile(at(a), at("group"), options);
    // The second subject's responses differ a little: its motion is repaired.
    await fitNirsFile(at(b), at("group"), { ...options, repair: "tddr" });
    const tables = ["01", "02"].map((s) => at(`group/sub-${s}_desc-glm_channels.tsv`));
    const grouped = await groupNirsTables(tables, at("mean"));
    expect(grouped.subjects).toEqual(["01", "02"]);
    expect(grouped.pathlength).toContain("partial pathlength factor 760 nm 6");
    const first = async (file: string, column: number): Promise<number> =>
      Number((await readFile(file, "utf8")).split("\n")[1]?.split("\t")[column]);
    const [one, two] = [await first(tables[0] as string, 5), await first(tables[1] as string, 5)];
    const mean = await first(at("mean/group_desc-glm_channels.tsv"), 3);
    expect(mean).toBeGreaterThanOrEqual(Math.min(one, two));
    expect(mean).toBeLessThanOrEqual(Math.max(one, two));
    await fitNirsFile(at(b), at("other"), { ...options, light: { pathlength: { age: 31 } } });
    await expect(
      groupNirsTables([tables[0] as string, at("other/sub-02_desc-glm_channels.tsv")], at("mixed")),
    ).rejects.toMatchObject({ code: "mixed-pathlength" });
    await expect(groupNirsTables(tables.slice(1), at("one"))).rejects.toMatchObject({ code: "too-few-files" });
  });

  test("one wavelength: refused, nothing written", async () => {
    const recording = light();
    const group = recording.groups[0]!;
    const rows = group.channels.flatMap(({ wavelength }, row) => (wavelength === 760 ? [row] : []));
    const data = Float64Array.from(
      rows.flatMap((row) => [...group.segments[0]!.data.subarray(row * n, (row + 1) * n)]),
    );
    const one = {
      ...recording,
      groups: [{ ...group, channels: rows.map((row) => group.channels[row]!), segments: [{ start: 0, data }] }],
    };
    await writeFile(at("one_nirs.snirf"), await writeSnirf({ recording: one, events: events(10), montage }));
    await expect(fitNirsFile(at("one_nirs.snirf"), at("single"), options)).rejects.toMatchObject({
      code: "one-wavelength",
    });
    await expect(readdir(at("single"))).rejects.toMatchObject({ code: "ENOENT" });
  });
});
