import { DataError, type Grid, type Sinogram, type SinogramLayout, sinogramPlanes, sinogramSize } from "@quintet/core";
import type { EmissionPart, EmissionSubset } from "@quintet/kernels";
import { sinogramProjector } from "./sinogram-projector.ts";

/** A term of the model, or the statement that it is left out on purpose. */
export type Term = Sinogram | "none";

/**
 * What stands between an image x and the prompt counts y, every term named:
 *
 *   y = n a (A x) + r + s
 *
 * A term that is missing does not compile, and is refused at run time: counts are then not the image's alone, which is
 * only right when it is said.
 */
export interface AcquisitionTerms {
  /** n: efficiency of each bin's lines of response times their number. */
  readonly normalisation: Term;
  /** a: the share of photon pairs that leave the head, exp(-int mu). */
  readonly attenuation: Term;
  /** r: expected random coincidences, counts. */
  readonly randoms: Term;
  /** s: expected scattered coincidences, counts. */
  readonly scatter: Term;
}

export const termNames = ["normalisation", "attenuation", "randoms", "scatter"] as const;

export interface AcquisitionModel {
  readonly subsets: readonly EmissionSubset[];
  /** Which kernel projects. */
  readonly kernel: string;
  /** Ends the projector's threads. */
  close(): void;
}

/** Values of projected data that one part may hold: 64 MiB. */
const partValues = 2 ** 24;

/**
 * Prompts and their model as subsets of views for a reconstruction. Subset i holds the views i, i + S, i + 2 S, ..., and
 * subsets follow each other by steps of the golden section, so that neighbours in time are far apart in angle.
 *
 * n and a never depend on time of flight: they come without it. r without it is spread evenly over the bins.
 *
 * @param prompts counts as measured, nothing subtracted or corrected
 * @param grid of the image, in scanner coordinates
 * @throws DataError `missing-term`, `layout-mismatch`, `size-mismatch`, `bad-subsets`, and those of sinogramProjector
 */
export function acquisitionModel(
  prompts: Sinogram,
  grid: Grid,
  terms: AcquisitionTerms,
  subsetCount = 1,
): AcquisitionModel {
  const { layout } = prompts;
  checkTerms(prompts, terms);
  if (!(Number.isInteger(subsetCount) && subsetCount > 0 && layout.views % subsetCount === 0)) {
    throw new DataError("bad-subsets", "subsets of views are of one size", {
      expected: `a divisor of ${layout.views} views: ${divisors(layout.views).join(", ")}`,
      found: `${subsetCount}`,
    });
  }
  const projector = sinogramProjector(layout, grid);
  const tof = layout.timeOfFlight?.bins ?? 1;
  const perView = prompts.data.length / layout.views;
  const factor = product(terms.normalisation, terms.attenuation);
  const background = sum(prompts, terms);
  const cut = (values: Float32Array, views: readonly number[], share: number): Float32Array[] =>
    views.map((view) => values.subarray((view * perView) / share, ((view + 1) * perView) / share));
  const partFor = (views: readonly number[]): EmissionPart => ({
    operator: projector.views(views),
    counts: cut(prompts.data, views, 1),
    ...(factor ? { factor: cut(factor, views, tof) } : {}),
    ...(factor && tof > 1 ? { shared: { length: perView / layout.bins / tof, times: tof } } : {}),
    ...(background ? { background: cut(background, views, 1) } : {}),
  });
  const viewsPerPart = Math.max(1, Math.floor(partValues / perView));
  const subsets = goldenOrder(subsetCount).map((first) => {
    const own = Array.from({ length: layout.views / subsetCount }, (_, i) => first + i * subsetCount);
    const views = turnsTogether(own, layout.views);
    const parts: EmissionPart[] = [];
    for (let i = 0; i < views.length; i += viewsPerPart) parts.push(partFor(views.slice(i, i + viewsPerPart)));
    return { parts };
  });
  return { subsets, kernel: projector.kernel, close: () => projector.close() };
}

/** @throws DataError `missing-term`, `layout-mismatch`, `size-mismatch` */
export function checkTerms(prompts: Sinogram, terms: AcquisitionTerms): void {
  checkSize(prompts, "prompts");
  for (const name of termNames) {
    const term: Term | undefined = terms[name];
    if (term === undefined) {
      throw new DataError("missing-term", `the model of the counts says nothing about ${name}`, {
        expected: `a sinogram, or "none" where it is left out on purpose`,
        found: "nothing",
      });
    }
    if (term === "none") continue;
    checkSize(term, name);
    const multiplies = name === "normalisation" || name === "attenuation";
    const withoutTime = multiplies || (name === "randoms" && term.layout.timeOfFlight === undefined);
    if (!sameLayout(term.layout, withoutTime ? withoutTof(prompts.layout) : prompts.layout)) {
      throw new DataError("layout-mismatch", `${name} and prompts are not cut alike`, {
        expected: described(prompts.layout),
        found: described(term.layout),
      });
    }
  }
}

/** @throws DataError `size-mismatch` */
function checkSize({ layout, data }: Sinogram, what: string): void {
  const expected = sinogramSize(layout);
  if (data.length === expected) return;
  throw new DataError("size-mismatch", `the ${what} and their description disagree`, {
    expected: `${expected} values (${described(layout)})`,
    found: `${data.length}`,
  });
}

export function withoutTof(layout: SinogramLayout): SinogramLayout {
  const { timeOfFlight: _, ...rest } = layout;
  return rest;
}

export function sameLayout(a: SinogramLayout, b: SinogramLayout): boolean {
  const key = ({ scanner, views, bins, arc, span, maxRingDifference, timeOfFlight }: SinogramLayout): string => {
    const { ring, axial, depth, tilt } = scanner;
    const time = timeOfFlight ? [timeOfFlight.bins, timeOfFlight.width, scanner.timeOfFlight?.fwhm] : [];
    return JSON.stringify([ring, axial, depth, tilt, views, bins, arc?.width, span, maxRingDifference, time]);
  };
  return key(a) === key(b);
}

function described(layout: SinogramLayout): string {
  const { scanner, views, bins, span, maxRingDifference, timeOfFlight } = layout;
  const time = timeOfFlight ? `${timeOfFlight.bins} TOF bins` : "no TOF";
  return `${scanner.name}, ${views} views, ${bins} bins, span ${span} to ring difference ${maxRingDifference}, ${sinogramPlanes(layout).length} planes, ${time}`;
}

function product(a: Term, b: Term): Float32Array | undefined {
  if (a === "none") return b === "none" ? undefined : b.data;
  if (b === "none") return a.data;
  const out = new Float32Array(a.data.length);
  for (let i = 0; i < out.length; i++) out[i] = (a.data[i] as number) * (b.data[i] as number);
  return out;
}

function sum({ layout, data }: Sinogram, { randoms, scatter }: AcquisitionTerms): Float32Array | undefined {
  if (randoms === "none") return scatter === "none" ? undefined : scatter.data;
  const whole = randoms.data.length === data.length ? randoms.data : spread(randoms.data, layout);
  if (scatter === "none") return whole;
  const out = new Float32Array(data.length);
  for (let i = 0; i < out.length; i++) out[i] = (whole[i] as number) + (scatter.data[i] as number);
  return out;
}

/** Randoms know no time of flight: an even share for each bin. */
function spread(values: Float32Array, layout: SinogramLayout): Float32Array {
  const tof = layout.timeOfFlight?.bins ?? 1;
  const planes = values.length / layout.views / layout.bins;
  const out = new Float32Array(values.length * tof);
  const even = values.map((value) => value / tof);
  for (let ray = 0; ray < layout.views * layout.bins; ray++) {
    const own = even.subarray(ray * planes, (ray + 1) * planes);
    for (let bin = 0; bin < tof; bin++) out.set(own, (ray * tof + bin) * planes);
  }
  return out;
}

function divisors(n: number): readonly number[] {
  return Array.from({ length: n }, (_, i) => i + 1).filter((d) => n % d === 0);
}

/** Views that a quarter turn or a mirror take into each other next to each other: their rays share what the projector finds for one. */
export function turnsTogether(views: readonly number[], all: number): readonly number[] {
  const quarter = all / 2;
  const least = (view: number): number => Math.min(view % quarter, (all - view) % quarter);
  return [...views].sort((a, b) => least(a) - least(b) || a - b);
}

/** 0 .. count - 1, ordered by the fractional parts of i times the golden section. */
function goldenOrder(count: number): readonly number[] {
  const golden = (Math.sqrt(5) - 1) / 2;
  const ranks = Array.from({ length: count }, (_, i) => ({ i, at: (i * golden) % 1 })).sort((a, b) => a.at - b.at);
  const order: number[] = [];
  for (const [rank, { i }] of ranks.entries()) order[i] = rank;
  return order;
}
