/** Sources in the EEG benchmark: the lead field of a head of four spheres, and three inverse operators made and applied. */
import type { Point } from "@quintet/core";
import { distributedInverse, type SphereShell, seededRandom, sourceCourses, spherePotential } from "@quintet/kernels";
import type { Task } from "./eeg-task.ts";

const radius = 0.09;
const electrodes = 64;
/** MNE-Python's default head: brain, liquor, skull, scalp. */
const shells: readonly SphereShell[] = [
  { radius: 0.9 * radius, conductivity: 0.33 },
  { radius: 0.92 * radius, conductivity: 1 },
  { radius: 0.97 * radius, conductivity: 0.004 },
  { radius, conductivity: 0.33 },
];

/** Electrodes on the upper half of the sphere, sources within 0.8 of the brain. */
function places(sources: number): { readonly cap: readonly Point[]; readonly inside: readonly Point[] } {
  const random = seededRandom(4);
  const direction = (): Point => {
    const v = [random.normal(), random.normal(), random.normal()] as const;
    const size = Math.hypot(...v);
    return [v[0] / size, v[1] / size, v[2] / size];
  };
  const scaled = (p: Point, by: number): Point => [p[0] * by, p[1] * by, p[2] * by];
  const upper = ([x, y, z]: Point): Point => [x, y, Math.abs(z)];
  return {
    cap: Array.from({ length: electrodes }, () => scaled(upper(direction()), radius)),
    inside: Array.from({ length: sources }, () => scaled(direction(), 0.72 * radius * Math.cbrt(random.uniform()))),
  };
}

/** [electrode][source x orientation], V per A m. */
function leadField(cap: readonly Point[], inside: readonly Point[]): Float64Array[] {
  const rows = cap.map(() => new Float64Array(3 * inside.length));
  for (const [s, place] of inside.entries()) {
    const potential = spherePotential(cap, place, shells);
    for (const [e, row] of rows.entries()) row.set(potential.subarray(3 * e, 3 * e + 3), 3 * s);
  }
  return rows;
}

/** Each column less its mean over the rows. */
function averageReferenced(rows: readonly Float64Array[]): Float64Array[] {
  const out = rows.map((row) => row.slice());
  for (let t = 0; t < (rows[0]?.length ?? 0); t++) {
    const mean = rows.reduce((sum, row) => sum + (row[t] as number), 0) / rows.length;
    for (const row of out) row[t] = (row[t] as number) - mean;
  }
  return out;
}

const rootMeanSquare = (values: Iterable<number>): number => {
  let [sum, n] = [0, 0];
  for (const v of values) [sum, n] = [sum + v * v, n + 1];
  return Math.sqrt(sum / n);
};

function relativeDifference(ours: readonly Float64Array[], theirs: Float64Array): number {
  const mine = Float64Array.from(ours.flatMap((row) => [...row]));
  return rootMeanSquare(mine.map((v, i) => v - (theirs[i] as number))) / rootMeanSquare(theirs);
}

/** Of values brought to the peer's scale: what is standardised has no unit of its own. */
function differenceOfShape(ours: Float64Array, theirs: Float64Array): number {
  const scale = rootMeanSquare(theirs) / rootMeanSquare(ours);
  return relativeDifference([ours.map((v) => v * scale)], theirs);
}

/** Minimum norm over the root of the sum of its three variances, trace K_i G_i: ours takes the root of the 3 x 3 block. */
function pooled(amplitudes: Float64Array, gain: readonly Float64Array[], noise: readonly Float64Array[]): Float64Array {
  const { kernel } = distributedInverse({ leadField: gain, orientations: 3, noise }, "minimum-norm");
  const samples = amplitudes.length / (kernel.length / 3);
  const spread = Float64Array.from({ length: kernel.length / 3 }, (_, i) => {
    let sum = 0;
    for (let o = 0; o < 3; o++)
      for (const [e, row] of gain.entries()) sum += (kernel[3 * i + o]?.[e] as number) * (row[3 * i + o] as number);
    return Math.sqrt(sum);
  });
  return amplitudes.map((v, k) => v / (spread[Math.floor(k / samples)] as number));
}

export const sourceTasks: Readonly<Record<"sphere" | "inverse", (folder: string) => Task>> = {
  sphere: () => {
    const { cap, inside } = places(5000);
    return {
      what: "lead field of four shells, 64 electrodes x 5000 sources x 3",
      rate: 1,
      rows: [Float64Array.from([...cap, ...inside].flat())],
      run: () => leadField(cap, inside),
      // MNE-Python takes three dipoles in one sphere for the shells (Berg and Scherg): within a few per cent of the series.
      tolerance: 0.05,
      error: relativeDifference,
      measure: "relative RMS of MNE-Python's three-dipole approximation to the exact series",
    };
  },
  inverse: () => {
    const samples = 500;
    const { cap, inside } = places(1904);
    const random = seededRandom(5);
    const gain = averageReferenced(leadField(cap, inside));
    const data = averageReferenced(
      Array.from({ length: electrodes }, () => Float64Array.from({ length: samples }, () => 1e-6 * random.normal())),
    );
    const noise = gain.map((_, i) =>
      Float64Array.from({ length: electrodes }, (__, j) => 1e-12 * ((i === j ? 1 : 0) - 1 / electrodes)),
    );
    const run = (): Float64Array[] =>
      (["minimum-norm", "sloreta", "eloreta"] as const).map((method) => {
        const inverse = distributedInverse({ leadField: gain, orientations: 3, noise }, method);
        const out = new Float64Array(inside.length * samples);
        for (const [s, course] of sourceCourses(inverse, data).entries()) out.set(course, s * samples);
        return out;
      });
    const perMethod = inside.length * samples;
    return {
      what: "minimum norm, sLORETA, eLORETA made and applied to 500 samples, 5712 columns",
      rate: 500,
      rows: gain.map((row, e) => Float64Array.from([...row, ...(data[e] as Float64Array)])),
      run,
      tolerance: 1e-3,
      error: (ours, theirs) => {
        const peer = [0, 1, 2].map((m) => theirs.subarray(m * perMethod, (m + 1) * perMethod));
        const [plain, , exact] = ours as readonly [Float64Array, Float64Array, Float64Array];
        return Math.max(
          relativeDifference([plain], peer[0] as Float64Array),
          differenceOfShape(pooled(plain, gain, noise), peer[1] as Float64Array),
          differenceOfShape(exact, peer[2] as Float64Array),
        );
      },
      measure:
        "largest relative RMS: minimum norm; sLORETA's three directions pooled as MNE-Python does, eLORETA, both up to one scale",
      alone: true,
    };
  },
};
