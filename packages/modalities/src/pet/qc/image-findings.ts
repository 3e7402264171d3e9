/** What quality control of a PET image found, as values with verdicts. */
import {
  frameData,
  type Mask,
  type QcFinding,
  type Seconds,
  sameGrid,
  toWorld,
  type Volume,
  voxelCount,
} from "@quintet/core";

/** Frames further apart than this are a gap that an average over them hides. Chosen here. */
const gapLimit: Seconds = 1;
/** Head motion between frames, mm: warn at half a scanner resolution of 4-5 mm, bad at the resolution. Chosen here. */
const shiftLimits = { warn: 2, bad: 5 };
/** FDG: rest between injection and scan; EANM FDG brain guideline asks for at least 30 min before the scan. From the literature, not re-checked. */
const fdgUptake: Seconds = 30 * 60;

export interface PetQcOptions {
  /** Brain on the same grid. */
  readonly brain?: Mask;
  readonly tracer?: string;
  /** Injection on the image's clock. */
  readonly injection?: Seconds;
}

/**
 * Findings: non-finite voxels, negative voxels inside the brain, gaps between frames, shift of the centre of uptake
 * from frame to frame (a lower bound of head motion: a changing distribution moves it too), FDG uptake time.
 */
export function qc(pet: Volume<"Bq/mL" | "g/mL" | "1">, { brain, tracer, injection }: PetQcOptions = {}): QcFinding[] {
  const finding = (
    name: string,
    value: number,
    unit: string,
    verdict: QcFinding["verdict"],
    note: string,
  ): QcFinding => ({ modality: "pet", name, value, unit, verdict, note });
  const bad = pet.data.reduce((n, x) => n + (Number.isFinite(x) ? 0 : 1), 0);
  const out = [finding("non-finite-voxels", bad, "{count}", bad > 0 ? "bad" : "ok", "voxels that are not numbers")];
  if (brain && sameGrid(pet, brain)) {
    const share = negativeShare(pet, brain);
    const verdict = share > 5 ? "bad" : share > 0.5 ? "warn" : "ok";
    out.push(
      finding("negative-voxels", share, "%", verdict, "inside the brain; noise around zero uptake, limits chosen here"),
    );
  }
  if (pet.frames.length > 1) {
    const gap = largestGap(pet);
    out.push(
      finding(
        "frame-gap",
        gap,
        "s",
        gap > gapLimit ? "warn" : "ok",
        "largest time between the end of a frame and the next",
      ),
    );
    const shift = largestShift(pet);
    const verdict = shift > shiftLimits.bad ? "bad" : shift > shiftLimits.warn ? "warn" : "ok";
    out.push(
      finding(
        "centre-shift",
        shift,
        "mm",
        verdict,
        "largest shift of the centre of uptake, frames after 5 min; 2 and 5 mm chosen here",
      ),
    );
  }
  const first = pet.frames[0];
  if (injection !== undefined && first && /fdg|fluorodeoxyglucose/i.test(tracer ?? "") && pet.frames.length === 1) {
    const delay = first.start - injection;
    out.push(
      finding(
        "uptake-time",
        delay,
        "s",
        delay < fdgUptake ? "warn" : "ok",
        "injection to scan, FDG asks for 30 min (from the literature, not re-checked)",
      ),
    );
  }
  return out;
}

function negativeShare(pet: Volume, brain: Mask): number {
  const n = voxelCount(pet);
  let [inside, negative] = [0, 0];
  for (let i = 0; i < pet.data.length; i++) {
    if (brain.data[i % n] === 0) continue;
    inside++;
    if ((pet.data[i] as number) < 0) negative++;
  }
  return inside === 0 ? 0 : (100 * negative) / inside;
}

function largestGap({ frames }: Volume): Seconds {
  let gap = 0;
  for (const [k, frame] of frames.entries()) {
    const before = frames[k - 1];
    if (before) gap = Math.max(gap, frame.start - before.start - before.duration);
  }
  return gap;
}

function largestShift(pet: Volume): number {
  const origin = pet.frames[0]?.start ?? 0;
  const centres = pet.frames.flatMap((frame, k) => (frame.start - origin < 300 ? [] : [centreOfUptake(pet, k)]));
  let shift = 0;
  for (const a of centres)
    for (const b of centres) shift = Math.max(shift, Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]));
  return shift;
}

function centreOfUptake(pet: Volume, index: number): [number, number, number] {
  const [nx, ny] = pet.shape;
  const data = frameData(pet, index);
  let [x, y, z, sum] = [0, 0, 0, 0];
  for (let i = 0; i < data.length; i++) {
    const a = data[i] as number;
    if (!(a > 0)) continue;
    sum += a;
    x += a * (i % nx);
    y += a * (Math.floor(i / nx) % ny);
    z += a * Math.floor(i / (nx * ny));
  }
  return sum > 0 ? toWorld(pet, [x / sum, y / sum, z / sum]) : [0, 0, 0];
}
