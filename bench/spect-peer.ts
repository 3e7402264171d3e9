/**
 * STIR's SPECTUB beside our camera, where $QUINTET_SPECTUB names a program that drives its weights:
 *
 *   PROGRAM ACTIVITY MU DATA n VIEWS RADIUS SLOPE SIGMA0 PIXEL SIGMAS PROJECTIONS BACK     (cm; raw float32, [view][row][column])
 *
 * It computes the weights of each view (3-D response, simple attenuation, the map as mask), multiplies ACTIVITY by them, DATA by their
 * transpose, and prints one JSON object of seconds: {setup, weights, forward, back}. As in STIR the weights of a view serve both ways,
 * on one thread; STIR's own copies into its matrix elements are left out.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface SpectubCase {
  readonly n: number;
  readonly views: number;
  /** mm. */
  readonly radius: number;
  readonly pixel: number;
  /** sigma(d) = sigma0 + slope d, mm. */
  readonly slope: number;
  readonly sigma0: number;
  readonly activity: Float32Array;
  /** 1/cm. */
  readonly attenuation: Float32Array;
  readonly data: Float32Array;
}

export interface SpectubRun {
  /** Seconds of weights and one product each way. */
  readonly seconds: number;
  readonly projections: Float32Array;
  readonly back: Float32Array;
}

/** @param sigmas at how many the Gaussian ends: STIR's own default is 2. Undefined where no program is named. */
export function runSpectub(given: SpectubCase, sigmas: number): SpectubRun | undefined {
  const program = process.env.QUINTET_SPECTUB;
  if (program === undefined) return undefined;
  const folder = mkdtempSync(join(tmpdir(), "spectub-"));
  try {
    const file = (name: string, data?: Float32Array): string => {
      if (data) writeFileSync(join(folder, name), new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
      return join(folder, name);
    };
    const { n, views, radius, pixel, slope, sigma0 } = given;
    const [projections, back] = [file("projections"), file("back")];
    const { status, stdout, stderr } = spawnSync(
      program,
      [
        file("activity", given.activity),
        file("mu", given.attenuation),
        file("data", given.data),
        ...[n, views, radius / 10, slope, sigma0 / 10, pixel / 10, sigmas].map(String),
        projections,
        back,
      ],
      { encoding: "utf8" },
    );
    if (status !== 0) throw new Error(`${program}: ${stderr.slice(0, 400)}`);
    const { weights, forward, back: backward } = JSON.parse(stdout) as Record<"weights" | "forward" | "back", number>;
    const read = (path: string): Float32Array => new Float32Array(Uint8Array.from(readFileSync(path)).buffer);
    return { seconds: weights + forward + backward, projections: read(projections), back: read(back) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Root mean square of the difference over that of `a`, b scaled to it by least squares, where `inside` is above 0. */
export function relativeRms(a: Float32Array, b: Float32Array, inside?: Float32Array): number {
  let [ab, aa, bb] = [0, 0, 0];
  const seen = (i: number): boolean => inside === undefined || (inside[i] as number) > 0;
  for (let i = 0; i < a.length; i++) {
    if (!seen(i)) continue;
    const [x, y] = [a[i] as number, b[i] as number];
    ab += x * y;
    aa += x * x;
    bb += y * y;
  }
  return Math.sqrt(Math.max(0, 1 - ab ** 2 / (aa * bb)));
}
