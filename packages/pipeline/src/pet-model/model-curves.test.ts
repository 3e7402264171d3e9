import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type KineticModelName, kineticModelNames } from "./kinetic-models.ts";
import { modelCurves } from "./model-curves.ts";

const folder = mkdtempSync(join(tmpdir(), "pet-model-"));
const at = (name: string): string => join(folder, name);
const frames = Array.from({ length: 24 }, (_, i) => (i < 8 ? [i * 30, (i + 1) * 30] : [(i - 7) * 240, (i - 6) * 240]));
const plasma = (t: number): number => 200 * Math.exp(-0.03 * t) * (1 - Math.exp(-4 * t));
/** K1 exp(-k t) on the plasma above, in closed form. */
const response = (k: number, t: number): number =>
  (200 * (Math.exp(-0.03 * t) - Math.exp(-k * t))) / (k - 0.03) -
  (200 * (Math.exp(-4.03 * t) - Math.exp(-k * t))) / (k - 4.03);

beforeAll(() => {
  const rows = frames.map(([start = 0, end = 0]) => {
    const t = (start + end) / 120;
    return [start, end, 0.3 * response(0.12, t), 0.36 * response(0.06, t), 0.27 * response(0.05, t)].join("\t");
  });
  writeFileSync(at("sub-01_tacs.tsv"), `frame_start\tframe_end\tCerebellum\tPutamen\tCaudate\n${rows.join("\n")}\n`);
  writeFileSync(at("sub-01_tacs.json"), JSON.stringify({ Units: "kBq/mL" }));
  const pmod = rows.map((row) => row.replaceAll("\t", " "));
  writeFileSync(at("a.tac"), `start[seconds] end[kBq/cc] Cerebellum Putamen Caudate\n${pmod.join("\n")}\n`);
  const samples = Array.from({ length: 300 }, (_, i) => i * 0.25).filter((t) => t < 70);
  const blood = samples.map((t) => `${t * 60}\t${plasma(t)}\t1\t${plasma(t)}`);
  writeFileSync(
    at("sub-01_blood.tsv"),
    `time\tplasma_radioactivity\tmetabolite_parent_fraction\twhole_blood_radioactivity\n${blood.join("\n")}\n`,
  );
  const units = (Units: string): object => ({ Units });
  writeFileSync(
    at("sub-01_blood.json"),
    JSON.stringify({
      time: units("s"),
      plasma_radioactivity: units("kBq/mL"),
      whole_blood_radioactivity: units("kBq/mL"),
      metabolite_parent_fraction: units("arbitrary"),
    }),
  );
  writeFileSync(
    at("p.bld"),
    `time[seconds]\tplasma[kBq/cc]\n${samples.map((t) => `${t * 60}\t${plasma(t)}`).join("\n")}\n`,
  );
});
afterAll(() => rmSync(folder, { recursive: true }));

const main = async (file: string, model: KineticModelName, options: object): Promise<number> => {
  const { regions } = await modelCurves(at(file), at("out"), { model, ...options });
  return regions.find(({ region }) => region === "Putamen")?.estimates[0]?.value ?? Number.NaN;
};

// BP = (1.2 0.12 / 0.06) - 1 = 1.4 and V_T = 0.36 / 0.06 = 6; 24 frames make straight lines of the curves: some per cent.
test.each([
  ["srtm", 1.4],
  ["srtm2", 1.4],
  ["mrtm1", 1.4],
  ["mrtm2", 1.4],
  ["reference-logan", 1.4],
  ["1tcm", 6],
  ["logan", 6],
  ["ma1", 6],
] as const)("%s from table to %d", async (model, truth) => {
  const options = { reference: ["cerebellum"], input: [at("sub-01_blood.tsv")], bloodVolume: 0 };
  expect([await main("sub-01_tacs.tsv", model, options)]).toBeAllclose([truth], { rtol: 0.05 });
});
test("every model runs to its files", async () => {
  for (const model of kineticModelNames) {
    const { files, regions } = await modelCurves(at("sub-01_tacs.tsv"), at("all"), {
      model,
      reference: ["Cerebellum"],
      input: [at("sub-01_blood.tsv")],
      regions: ["Putamen"],
    });
    expect(regions).toHaveLength(1);
    expect(readFileSync(files.table, "utf8")).toContain("Putamen");
    expect(readFileSync(files.page, "utf8")).toContain("</html>");
    expect(JSON.parse(readFileSync(files.json, "utf8"))).toMatchObject({ model });
  }
});
test("PMOD's tables give what BIDS' give", async () => {
  const [bids, pmod] = [
    await main("sub-01_tacs.tsv", "logan", { input: [at("sub-01_blood.tsv")], start: 20 }),
    await main("a.tac", "logan", { input: [at("p.bld")], start: 20, parent: "corrected" }),
  ];
  expect([pmod]).toBeAllclose([bids], { rtol: 1e-9 });
});
test("curves stored without decay correction give what corrected ones give, and say so; without a radionuclide they are refused", async () => {
  const options = { input: [at("sub-01_blood.tsv")], start: 20 } as const;
  const logan = (name: string): Promise<number> => main(name, "logan", options);
  const table = readFileSync(at("sub-01_tacs.tsv"), "utf8").trim().split("\n");
  const lambda = Math.LN2 / 1221.84;
  const decayed = table.slice(1).map((row) => {
    const [start = 0, end = 0, ...values] = row.split("\t").map(Number);
    const mean = (Math.exp(-lambda * start) - Math.exp(-lambda * end)) / (lambda * (end - start));
    return [start, end, ...values.map((value) => value * mean)].join("\t");
  });
  const write = (name: string, facts: object): void => {
    writeFileSync(at(`${name}.tsv`), `${table[0]}\n${decayed.join("\n")}\n`);
    writeFileSync(at(`${name}.json`), JSON.stringify({ Units: "kBq/mL", ...facts }));
  };
  write("raw_tacs", { ImageDecayCorrected: false, TracerRadionuclide: "C11" });
  expect([await logan("raw_tacs.tsv")]).toBeAllclose([await logan("sub-01_tacs.tsv")], { rtol: 1e-9 });
  const { choices } = await modelCurves(at("raw_tacs.tsv"), at("out"), { model: "logan", ...options });
  expect(choices.join()).toMatch(/corrected for C11 to TimeZero/);
  const unstated = await modelCurves(at("sub-01_tacs.tsv"), at("out"), { model: "logan", ...options });
  expect(unstated.choices.join()).toMatch(/not stated whether the curves are corrected for decay/);
  write("silent_tacs", { ImageDecayCorrected: false });
  await expect(logan("silent_tacs.tsv")).rejects.toMatchObject({ code: "not-decay-corrected" });
});
test.each([
  ["missing-reference", { model: "srtm" }],
  ["missing-plasma", { model: "logan" }],
  ["unknown-region", { model: "srtm", reference: ["Pons"] }],
  ["missing-parent-fraction", { model: "logan", input: ["p.bld"] }],
  ["unknown-format", { model: "logan", input: ["a.tac"] }],
  ["missing-radionuclide", { model: "srtm", reference: ["Cerebellum"], weights: "decay" }],
] as const)("refused: %s", async (code, { model, ...rest }) => {
  const input = "input" in rest ? { input: rest.input.map(at) } : {};
  const run = modelCurves(at("sub-01_tacs.tsv"), at("no"), { model, ...rest, ...input } as never);
  await expect(run).rejects.toThrow(expect.objectContaining({ code }));
});

test.each([
  ["missing-reference", "sub-01", { model: "srtm" }],
  ["unknown-region", "sub-01", { model: "srtm", reference: ["Pons"] }],
  ["bad-frames", "late", { model: "srtm", reference: ["Cerebellum"] }],
] as const)("the file is named: %s", async (code, name, options) => {
  writeFileSync(at("late_tacs.tsv"), readFileSync(at("sub-01_tacs.tsv")));
  writeFileSync(at("late_tacs.json"), JSON.stringify({ Units: "kBq/mL", InjectionStart: 600 }));
  const file = at(`${name}_tacs.tsv`);
  await expect(modelCurves(file, at("out"), options)).rejects.toMatchObject({ code, file });
});
