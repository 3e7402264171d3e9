import { DataError, frameData, type LabelVolume, sameGrid, type Volume, voxelCount, voxelVolume } from "@quintet/core";

export interface RegionStatistic {
  readonly label: number;
  readonly name: string;
  /** Voxels. */
  readonly n: number;
  readonly mean: number;
  /** Sample standard deviation (n - 1); NaN for one voxel. */
  readonly sd: number;
  /** Standard error of the mean, sd / sqrt(effective n). */
  readonly se: number;
  /** mL. */
  readonly volume: number;
}

export interface RegionOptions {
  /** Which frame of the volume; 0 by default. */
  readonly frame?: number;
  /** Resolution of the image, mm FWHM. Without it voxels count as independent and `se` is a lower bound. */
  readonly fwhm?: number;
}

/** Volume over which smooth noise is correlated, in units of FWHM^3: (pi / (2 ln 2))^(3/2) = 3.411. */
const correlationVolumePerFwhmCubed = (Math.PI / (2 * Math.LN2)) ** 1.5;

/**
 * Independent samples among `n` voxels of an image of Gaussian resolution `fwhm`.
 *
 *   n_eff = V / ((pi / (2 ln 2))^(3/2) FWHM^3),  kept within [1, n]
 *
 * The denominator is the integral of the spatial autocorrelation exp(-|h|^2 / (4 s^2)), FWHM = s sqrt(8 ln 2): the
 * variance of a mean over V of white noise that was smoothed to that FWHM is sd^2 / n_eff when V is large; in a small
 * region sd^2 / n_eff is larger than that variance, the safe side.
 *
 * @param n voxels
 * @param voxel mL of one voxel
 * @param fwhm mm; undefined = independent voxels
 */
export function effectiveSamples(n: number, voxel: number, fwhm: number | undefined): number {
  if (fwhm === undefined) return n;
  const correlation = (correlationVolumePerFwhmCubed * fwhm ** 3) / 1000;
  return Math.min(n, Math.max(1, (n * voxel) / correlation));
}

/**
 * Mean, spread and volume of every labelled region.
 *
 *   mean_r = sum_{v in r} x_v / n_r,   se_r = sd_r / sqrt(n_eff)   (see effectiveSamples)
 *
 * `sd` holds true differences inside the region as well as noise, so `se` is an upper bound of the noise part.
 *
 * @param volume [t][z][y][x]
 * @param labels on the same grid; label 0 is background; every label there is reported, named or not ("label 7")
 * @returns one row per label with at least one voxel, by ascending label
 * @throws DataError `grid-mismatch`, `no-such-frame`, `not-finite`, `not-positive`
 */
export function regionStatistics(volume: Volume, labels: LabelVolume, options: RegionOptions = {}): RegionStatistic[] {
  const { frame = 0, fwhm } = options;
  if (!sameGrid(volume, labels))
    throw new DataError("grid-mismatch", "image and labels must lie on one grid", {
      expected: `${volume.shape} in ${volume.space}`,
      found: `${labels.shape} in ${labels.space}`,
    });
  if (!(Number.isInteger(frame) && frame >= 0 && frame < volume.frames.length))
    throw new DataError("no-such-frame", "no such frame", {
      expected: `0..${volume.frames.length - 1}`,
      found: `${frame}`,
    });
  if (fwhm !== undefined && !(fwhm > 0))
    throw new DataError("not-positive", "FWHM must be positive", { found: `${fwhm}` });

  const data = frameData(volume, frame);
  const sums = new Map<number, { n: number; mean: number; squares: number }>();
  for (let i = 0; i < voxelCount(labels); i++) {
    const label = labels.data[i];
    if (label === 0) continue;
    const x = data[i];
    if (!Number.isFinite(x))
      throw new DataError("not-finite", `a voxel of region ${nameOf(labels, label)} is not a number`, {
        found: `${x}`,
      });
    let sum = sums.get(label);
    if (!sum) {
      sum = { n: 0, mean: 0, squares: 0 };
      sums.set(label, sum);
    }
    sum.n++;
    const step = x - sum.mean;
    sum.mean += step / sum.n;
    sum.squares += step * (x - sum.mean);
  }
  const voxel = voxelVolume(volume);
  return [...sums]
    .sort(([a], [b]) => a - b)
    .map(([label, { n, mean, squares }]) => {
      const sd = n > 1 ? Math.sqrt(squares / (n - 1)) : Number.NaN;
      const se = sd / Math.sqrt(effectiveSamples(n, voxel, fwhm));
      return { label, name: nameOf(labels, label), n, mean, sd, se, volume: n * voxel };
    });
}

function nameOf(labels: LabelVolume, label: number): string {
  return labels.names.get(label) ?? `label ${label}`;
}
