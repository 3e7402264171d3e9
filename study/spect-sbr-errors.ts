/**
 * Standard errors of binding ratios against the spread of repeated simulated scans.
 *
 *   npm run study -- spect-sbr-errors --work FOLDER [--seconds 280] [--cells 5,2.5,10,5-no-scatter,5-white-0.8] [--scans 40] [--replicated 5] [--replicates 16] [--iterations 8] [--partly]
 *
 * A phantom head with ratios 5 and 4 on the left, 4.5 and 3 on the right, projected in 2-mm voxels through the camera of
 * testing/dat-scanner.ts with attenuation, the collimator's response and scatter of 0.3 (TEW from a window with noise of its own);
 * millions of counts that did not scatter by cell ("no-scatter": without that term; "white-0.8": white matter with 0.8 of grey matter's uptake). Each scan is reconstructed with all terms (8 subsets, --iterations, 5 mm filter) and
 * measured. One JSON line per cell, way (reference, spill-over left or taken back at 9.3 mm) and source of errors (replicates; the image): root
 * of the mean square standard error over the spread of --scans scans, of every measure (`each`), and the geometric mean over them with the 95 % interval that so
 * many scans and replicates allow one measure (`one`). Work is kept in FOLDER, a piece a reconstruction, and goes on from there.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { deserialize, serialize } from "node:v8";
import type { Measure } from "@quintet/core";
import { seededRandom } from "@quintet/kernels";
import { loadKernels } from "@quintet/kernels/node";
import {
  bindingErrors,
  type DatBindingOptions,
  type DatRegions,
  datBinding,
  referenceOf,
} from "@quintet/modalities/spect";
import { phantomHead } from "@quintet/twin";
import { type DatCounts, type DatScanner, datPrimary, datScanner, seenRegions } from "../testing/dat-scanner.ts";

const ratios = { left: [5, 4], right: [4.5, 3] } as const;
const ways: readonly (DatBindingOptions & { readonly reference: "occipital" | "whole-brain" })[] = [
  { reference: "whole-brain" },
  { reference: "whole-brain", spillOver: true, fwhm: 9.3 },
  { reference: "occipital" },
];
const sources = ["replicates", "image"] as const;
type Rows = readonly (readonly Measure[])[];

export async function main(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      work: { type: "string" },
      seconds: { type: "string", default: "280" },
      cells: { type: "string", default: "5,2.5,10,5-no-scatter,5-white-0.8" },
      scans: { type: "string", default: "40" },
      replicated: { type: "string", default: "5" },
      replicates: { type: "string", default: "16" },
      iterations: { type: "string", default: "8" },
      partly: { type: "boolean", default: false },
    },
  });
  if (values.work === undefined) throw new Error("--work FOLDER is needed: what is done is kept there");
  const [folder, until] = [values.work, performance.now() + 1000 * Number(values.seconds)];
  const [scans, replicated, replicates] = [values.scans, values.replicated, values.replicates].map(Number) as [
    number,
    number,
    number,
  ];
  mkdirSync(folder, { recursive: true });
  await loadKernels({ threads: 1 });
  /** What is kept under a name, or is made now; nothing once the time is up. */
  const piece = <T>(name: string, make: () => T | undefined): T | undefined => {
    const path = join(folder, name);
    if (existsSync(path)) return deserialize(readFileSync(path)) as T;
    const value = performance.now() < until ? make() : undefined;
    if (value === undefined) return undefined;
    writeFileSync(`${path}.${process.pid}`, serialize(value));
    renameSync(`${path}.${process.pid}`, path);
    return value;
  };
  const head = phantomHead({ seed: 101, resolution: 2 });
  const regions = seenRegions(head);
  for (const cell of values.cells.split(",")) {
    const [million, without] = [Number.parseFloat(cell), cell.endsWith("no-scatter")];
    const white = Number(/white-([\d.]+)$/.exec(cell)?.[1] ?? 1);
    const primary = piece(white === 1 ? "primary" : `primary-white-${white}`, () => datPrimary(head, ratios, white));
    if (!primary) return;
    const iterations = Number(values.iterations);
    const scanner = datScanner(head, primary, 1e6 * million, { iterations, scatter: without ? 0 : 0.3 });
    const name = `${cell}-${iterations}`;
    const counts = (k: number): DatCounts => scanner.scan(seededRandom(k + 1).fork(`scan ${cell}`));
    const image = (k: number): Float32Array | undefined =>
      piece(`image-${name}-${k}`, () => scanner.reconstruct(counts(k)));
    const again = (k: number, b: number): Float32Array | undefined =>
      piece(`again-${name}-${k}-${b}`, () => {
        const data = image(k);
        const random = seededRandom(1000 * (k + 1) + b).fork(`again ${cell}`);
        return data && scanner.reconstruct(scanner.again(counts(k), data, random));
      });
    const measured = Array.from({ length: scans }, (_, k) =>
      piece(`rows-${name}-${k}`, () => {
        const data = image(k);
        return data && ways.map((way) => datBinding(scanner.image(data), regions, way));
      }),
    );
    const told = sources.map((source) =>
      Array.from({ length: replicated }, (_, k) =>
        piece(`errors-${source}-${name}-${k}`, () => {
          const data = image(k);
          const others =
            source === "replicates" ? Array.from({ length: replicates }, (_, b) => again(k, b)).filter(Boolean) : [];
          if (!data || (source === "replicates" && others.length < replicates)) return undefined;
          return withErrors(scanner, regions, data, source, others as Float32Array[]);
        }),
      ),
    );
    const missing = [measured, ...told].flat().filter((one) => one === undefined).length;
    if (missing > 0) console.log(JSON.stringify({ study: "spect-sbr-errors", cell, missing }));
    if (missing > 0 && !values.partly) continue;
    for (const [s, source] of sources.entries())
      for (const line of table(measured.filter(Boolean) as Rows[], (told[s] ?? []).filter(Boolean) as Rows[]))
        console.log(JSON.stringify({ study: "spect-sbr-errors", cell, iterations, source, ...line }));
  }
}

function withErrors(
  scanner: DatScanner,
  regions: DatRegions,
  data: Float32Array,
  source: (typeof sources)[number],
  replicates: readonly Float32Array[],
): Rows {
  const image = scanner.image(data);
  return ways.map((way) => {
    const errors = bindingErrors(image, regions, {
      reference: referenceOf(regions, way.reference),
      ...(source === "replicates" ? { replicates: replicates.map((one) => scanner.image(one)) } : {}),
    });
    return datBinding(image, regions, { ...way, errors });
  });
}

function* table(measured: readonly Rows[], told: readonly Rows[]): Generator<Record<string, unknown>> {
  if (measured.length < 2 || told.length === 0) return;
  for (const [w, { reference, spillOver = false }] of ways.entries()) {
    const each = (measured[0]?.[w] ?? []).map(({ side, region, measure, value }, i) => {
      const own = measured.map((rows) => rows[w]?.[i]?.value ?? Number.NaN);
      const mean = own.reduce((sum, x) => sum + x / own.length, 0);
      const spread = Math.sqrt(own.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (own.length - 1));
      const squares = told.map((rows) => (rows[w]?.[i]?.standardError ?? Number.NaN) ** 2);
      const error = Math.sqrt(squares.reduce((sum, x) => sum + x / squares.length, 0));
      return { name: `${side} ${region} ${measure}`, value, spread, share: error / spread };
    });
    const short = (x: number): number => Number(x.toPrecision(3));
    const geometric = (kind: RegExp): number => {
      const some = each.filter(({ name }) => kind.test(name));
      return short(Math.exp(some.reduce((sum, { share }) => sum + Math.log(share) / some.length, 0)));
    };
    // of a spread from n scans: 1 / sqrt(2 (n - 1))
    const half = 1.96 / Math.sqrt(2 * (measured.length - 1));
    yield {
      reference,
      spillOver,
      scans: measured.length,
      replicated: told.length,
      ratios: geometric(/ sbr$/),
      totalCounts: geometric(/sbr-total-counts$/),
      asymmetries: geometric(/sbr-asymmetry$/),
      caudateOverPutamen: geometric(/ratio$/),
      all: geometric(/./),
      one: [short(1 - half), short(1 + half)],
      each: Object.fromEntries(each.map(({ name, spread, share }) => [name, [short(spread), short(share)]])),
    };
  }
}
