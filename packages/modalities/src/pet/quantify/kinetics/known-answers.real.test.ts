/** Known answers on open data: kinfitr's own numbers on its own curves, and the exact solutions where its are a discretisation. */
import { readFileSync } from "node:fs";
import type { Tacs } from "@quintet/core";
import { curveThrough, sampleCurve, weightedLeastSquares } from "@quintet/kernels";
import { describe, expect, test } from "vitest";
import { describeRealData } from "../../../../../../testing/real-data.ts";
import { estimated, type KineticFit } from "./estimate.ts";
import { frameWeights } from "./frame-weights.ts";
import type { InputFunction } from "./input-function.ts";
import { type KineticData, kineticData } from "./kinetic-data.ts";
import { logan } from "./logan.ts";
import { ma1 } from "./ma1.ts";
import { mrtm1 } from "./mrtm1.ts";
import { mrtm2 } from "./mrtm2.ts";
import { oneTissue } from "./one-tissue.ts";
import { patlak } from "./patlak.ts";
import { referenceLogan } from "./reference-logan.ts";
import { referencePatlak } from "./reference-patlak.ts";
import { srtm } from "./srtm.ts";
import { srtm2 } from "./srtm2.ts";
import { twoTissue } from "./two-tissue.ts";

type Csv = Readonly<Record<string, readonly number[]>>;

function csv(path: string): Csv {
  const [head = "", ...rows] = readFileSync(path, "utf8").trim().split("\n");
  const names = head.split(",").map((name) => name.replaceAll('"', ""));
  const cells = rows.map((row) => row.split(",").map(Number));
  return Object.fromEntries(names.map((name, j) => [name, cells.map((row) => row[j]!)]));
}

/** The curves as they stand there: the first row is the point (0, 0), not a frame. */
function tacsOf(table: Csv, names: readonly string[], perSecond: number): { tacs: Tacs; weights: Float64Array } {
  const column = (name: string): number[] => table[name]!.slice(1);
  const [starts, lengths] = [column("StartTime"), column("Duration")];
  return {
    tacs: {
      clock: "pet",
      unit: "Bq/mL",
      frames: starts.map((start, i) => ({ start: start * perSecond, duration: lengths[i]! * perSecond })),
      regions: names.map((name) => ({ name, values: Float64Array.from(column(name)) })),
    },
    weights: Float64Array.from(column("Weights")),
  };
}

const values = (fit: KineticFit, ...names: string[]): number[] =>
  names.map((name) => estimated(fit, name) ?? Number.NaN);
/** t* that leaves the last `count` frames. */
const last = (data: KineticData, count: number): number => data.time.at(-count)!;

describeRealData("K1: reference-region models on kinfitr's simref", ["pet/kinfitr_reference/simref2.csv"], (path) => {
  const { tacs, weights } = tacsOf(csv(path), ["Reference", "ROI1", "ROI2", "ROI3"], 60);
  const of = (name: string, weighted = true): KineticData => kineticData(tacs, name, weighted ? { weights } : {});
  const reference = of("Reference");

  describe.each([
    ["ROI1", [0.85193792, 0.10138472, 1.93201069], [0.8512219405, 0.1008078492, 1.931481509], 1.931431466, 2.068600018],
    [
      "ROI2",
      [1.16469434, 0.09419636, 0.88502806],
      [1.166866131, 0.09246726801, 0.8862377488],
      0.8861125295,
      0.8087508042,
    ],
    [
      "ROI3",
      [1.18427289, 0.09653188, 0.30182022],
      [1.188103532, 0.087569227, 0.3032547951],
      0.3024447441,
      0.2874697645,
    ],
  ] as const)("%s", (name, exact, kinfitr, unweighted, second) => {
    test("SRTM: the exact solution to 1e-6, kinfitr's BP to 0.5 %", () => {
      const found = values(srtm(of(name), reference), "R1", "k2", "BPND");
      expect(found).toBeAllclose(exact, { rtol: 1e-6 });
      expect([found[2]!, found[0]!]).toBeAllclose([kinfitr[2], kinfitr[0]], { rtol: 5e-3 });
      expect(values(srtm(of(name, false), reference), "BPND")).toBeAllclose([unweighted], { rtol: 5e-3 });
    });
    test("SRTM2: kinfitr's volume ratio BP + 1 to 0.5 %", () => {
      const [bp = Number.NaN] = values(srtm2(of(name), reference, 0.1), "BPND");
      expect([bp + 1]).toBeAllclose([second + 1], { rtol: 5e-3 });
    });
  });

  test.each([
    ["ROI1", 1.929926037, 0.1188294895, 0.8523884105, 0.03457045619],
    ["ROI2", 0.8877668945, 0.08043153612, 1.165403103, 0.04965399172],
    ["ROI3", 0.3042441355, 0.07435342001, 1.186289241, 0.0676289506],
  ])("MRTM1 on %s: kinfitr's digits", (name, bp, k2prime, r1, k2a) => {
    expect(values(mrtm1(of(name), reference), "BPND", "k2'", "R1", "k2a")).toBeAllclose([bp, k2prime, r1, k2a], {
      rtol: 1e-8, // as many digits as are given
    });
  });
  test.each([
    ["ROI1", 2.051244039, 0.02892433549, 1.948202512, 0.00337113371],
    ["ROI2", 0.8542060206, 0.06176399628, 0.8786905607, 0.0001810262577],
    ["ROI3", 0.2981236479, 0.09096269794, 0.3100171222, 0.001498431971],
  ])("MRTM2, reference Logan and reference Patlak on %s: kinfitr's digits", (name, bp, k2a, loganBp, kref) => {
    expect(values(mrtm2(of(name), reference, 0.1), "BPND", "k2a")).toBeAllclose([bp, k2a], { rtol: 1e-8 });
    // kinfitr's reference Logan drops the weights when it is given no durations.
    const plot = referenceLogan(of(name, false), reference, { k2prime: 0.1, start: last(reference, 10) });
    expect(values(plot, "BPND")).toBeAllclose([loganBp], { rtol: 1e-8 });
    // The slope itself: in ROI2 it is withheld, being smaller than its error.
    const { line } = referencePatlak(of(name), reference, last(reference, 10));
    expect([line?.slope ?? Number.NaN]).toBeAllclose([kref], { rtol: 1e-8 });
  });
});

describeRealData(
  "K2: plasma-input models on kinfitr's pbr28",
  ["pet/kinfitr_reference/pbr28_2.csv", "pet/kinfitr_reference/pbr28_inp2.csv"],
  (curves, blood) => {
    const regions = ["FC", "CBL", "THA"] as const;
    const { tacs, weights } = tacsOf(csv(curves), regions, 1);
    const table = csv(blood);
    const shift = 0.1438066;
    const through = (name: string) =>
      curveThrough(
        table.Time!.map((t) => t + shift),
        table[name]!,
      );
    const input: InputFunction = { plasma: through("AIF"), blood: through("Blood") };
    const of = (name: string, weighted = true): KineticData => kineticData(tacs, name, weighted ? { weights } : {});
    test.each([
      ["FC", 2.70682497, 2.683122967, 0.005439457718],
      ["CBL", 3.067355127, 3.052221591, 0.008702822876],
      ["THA", 3.513798584, 3.506503805, 0.007103838993],
    ])("Logan, MA1 and Patlak on %s: 2e-5 exact, 1e-8 on kinfitr's grid", (name, vt, ma1Vt, ki) => {
      const [data, flat] = [of(name), of(name, false)];
      const start = last(data, 10);
      // kinfitr takes tissue and blood to 6000 even points first; Logan without durations drops the weights.
      const exact = [
        ...values(logan(flat, input, { start }), "VT"),
        ...values(ma1(data, input, { start }), "VT"),
        ...values(patlak(data, input, { start }), "Ki"),
      ];
      expect(exact).toBeAllclose([vt, ma1Vt, ki], { rtol: 2e-5 });
      expect(onKinfitrsGrid(flat, data.weights, input, table.Time!.length)).toBeAllclose([vt, ma1Vt, ki], {
        rtol: 1e-8,
      });
    });

    // kinfitr's convolution is a sum over its grid: rates that the data hold loosely move by up to 0.5 % of themselves.
    test.each([
      [
        "FC",
        [0.100157551, 0.04567790515, 2.192691427],
        [0.1144142719, 0.09898810784, 0.06175386099, 0.05538744633, 2.444532991],
        2.431191179,
      ],
      [
        "CBL",
        [0.0833916815, 0.03460829867, 2.409586276],
        [0.1004546625, 0.1073659099, 0.08818089695, 0.04595398099, 2.731003571],
        2.648156538,
      ],
      [
        "THA",
        [0.106015361, 0.0344168026, 3.080337305],
        [0.1371411074, 0.179701617, 0.2065704552, 0.06132899022, 3.333662791],
        3.323626325,
      ],
    ])("one and two tissue compartments on %s: V_T to two thousandths, rates to five", (name, one, two, fixedVt) => {
      const data = of(name);
      const single = oneTissue(data, input);
      const double = twoTissue(data, input);
      expect(values(single, "K1", "k2", "VT")).toBeAllclose(one, { rtol: 2e-3 });
      expect(values(double, "K1", "k2", "k3", "k4")).toBeAllclose(two.slice(0, 4), { rtol: 5e-3 });
      expect(values(double, "VT")).toBeAllclose(two.slice(4), { rtol: 2e-3 });
      expect(values(twoTissue(data, input, 0.05), "VT")).toBeAllclose([fixedVt], { rtol: 2e-3 });
      expect([single.flags, double.flags]).toEqual([[], []]);
      // Two compartments explain these curves better, by far.
      expect(double.aicc).toBeLessThan(single.aicc - 10);
    });
  },
);

describeRealData("SRTM of a real curve against a published fit", ["pet/kineticmodel/ROI_TAC_nonPVE.txt"], (path) => {
  const [head = "", ...rows] = readFileSync(path, "utf8").trim().split("\n");
  const names = head.trim().split("\t");
  const cells = rows.map((row) => row.trim().split("\t").map(Number));
  const column = (name: string): Float64Array => Float64Array.from(cells, (row) => row[names.indexOf(name)]!);
  const tacs: Tacs = {
    clock: "pet",
    unit: "Bq/mL",
    frames: cells.map((row) => ({ start: row[0]!, duration: row[1]! - row[0]! })),
    regions: ["Neocortex", "Total_cb"].map((name) => ({ name, values: column(name) })),
  };
  // The exact solutions; the published 0.58339716 is of a model on a grid.
  test.each([
    ["duration", 0.587],
    ["none", 0.5865],
  ] as const)("weights %s: BP %d within 5e-4, within a hundredth of the published fit", (scheme, bp) => {
    const weights = frameWeights(tacs, scheme);
    const fit = srtm(kineticData(tacs, "Neocortex", { weights }), kineticData(tacs, "Total_cb", { weights }));
    const [found = Number.NaN] = values(fit, "BPND");
    console.log(`Neocortex, weights ${scheme}: BPND ${found.toFixed(5)}`);
    expect(Math.abs(found - bp)).toBeLessThan(5e-4);
    expect([found]).toBeAllclose([0.58339716], { rtol: 0.01 });
  });
});

/** The three linear fits after tissue and blood were taken to even points as kinfitr's shift_timings does, then back. */
function onKinfitrsGrid(data: KineticData, weights: Float64Array, input: InputFunction, points: number): number[] {
  const end = data.time.at(-1)!;
  const grid = Float64Array.from({ length: points }, (_, i) => (i * end) / (points - 1));
  const instants = { start: grid, end: grid };
  const [tissue, plasma] = [sampleCurve(data.curve, instants), sampleCurve(input.plasma, instants)];
  const trapezoids = (y: Float64Array): Float64Array => {
    const out = new Float64Array(y.length);
    for (let i = 1; i < y.length; i++) out[i] = out[i - 1]! + ((grid[i]! - grid[i - 1]!) * (y[i]! + y[i - 1]!)) / 2;
    return out;
  };
  const [tissueArea, plasmaArea] = [trapezoids(tissue), trapezoids(plasma)];
  const over = (a: Float64Array, b: Float64Array): Float64Array => a.map((v, i) => (b[i] === 0 ? 0 : v / b[i]!));
  const back = (y: Float64Array): Float64Array =>
    sampleCurve({ time: grid, value: y }, { start: data.time, end: data.time }).slice(-10);
  const one = new Float64Array(10).fill(1);
  const late = weights.slice(-10);
  const slopes = [
    weightedLeastSquares([back(over(plasmaArea, tissue)), one], back(over(tissueArea, tissue)), one),
    weightedLeastSquares([back(plasmaArea), back(tissueArea)], back(tissue), late),
    weightedLeastSquares(
      [back(over(plasmaArea, plasma)), one],
      back(over(tissue, plasma)),
      late.map((w, i) => w * back(plasma)[i]! ** 2),
    ),
  ].map(({ parameters }) => parameters);
  return [slopes[0]![0]!, -slopes[1]![0]! / slopes[1]![1]!, slopes[2]![0]!];
}
