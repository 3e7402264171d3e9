import { DataError } from "@quintet/core";
import { readSinogram } from "@quintet/io/node";
import { pairsOfBins, reconstruct } from "@quintet/modalities/pet";
import { energyWindow } from "./energy-window.ts";
import { gridOf, mapOn, type RawScan, type RawScanOptions, termOf, timing } from "./raw-scan.ts";

/** One time frame of an Interfile sinogram. @throws DataError those of readSinogram, `list-mode-only` */
export async function sinogramScan(
  raw: string,
  { frame, ...options }: RawScanOptions & { readonly frame?: number },
): Promise<RawScan> {
  for (const [term, word] of [
    ["normalisation", "file"],
    ["randoms", "delayeds"],
  ] as const) {
    if (options[term] !== word) continue;
    throw new DataError(
      "list-mode-only",
      `"${word}" for ${term} is what a PETSIRD file may hold; a sinogram holds none`,
      {
        file: raw,
        expected: term === "randoms" ? "an Interfile sinogram or none" : "an Interfile sinogram, pairs or none",
        found: word,
      },
    );
  }
  const { sinogram: prompts, about } = await readSinogram(raw, frame === undefined ? {} : { frame });
  const grid = gridOf(prompts.layout, options);
  const { normalisation, attenuation, randoms, scatter } = options;
  const known =
    scatter === "estimate" ? energyWindow(options.window ?? {}, about.facts.energyWindows[0] ?? {}) : undefined;
  const terms = {
    normalisation: normalisation === "pairs" ? pairsOfBins(prompts.layout) : await termOf(normalisation),
    attenuation: await mapOn(grid, attenuation, options.kilovolts),
    randoms: await termOf(randoms),
    scatter: known ? { window: known.window } : await termOf(scatter),
  };
  const time = about.facts.frames[(frame ?? 1) - 1] ?? { start: 0, duration: 0 };
  const { radionuclide, halfLife, startedAt } = about.facts;
  return {
    kind: "sinogram",
    grid,
    stated: {
      ...(radionuclide === undefined ? {} : { radionuclide }),
      ...(halfLife === undefined ? {} : { halfLife }),
      ...(startedAt === undefined ? {} : { startedAt }),
    },
    jobs: [
      {
        frame: time,
        subsets: evenSubsets(prompts.layout.views),
        reconstruct: (how) => reconstruct(prompts, grid, terms, how),
      },
    ],
    notes: [...about.notes, ...(known?.notes ?? [])],
    ...(known ? { window: known.window } : {}),
    ...(prompts.layout.timeOfFlight
      ? { timeOfFlight: timing(prompts.layout.timeOfFlight.bins, prompts.layout.scanner) }
      : {}),
    content: [prompts, terms, time],
    facts: { frame: frame ?? 1 },
  };
}

function evenSubsets(views: number): number {
  for (let count = Math.min(21, views); count > 1; count--) if (views % count === 0) return count;
  return 1;
}
