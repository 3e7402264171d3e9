import { DataError, type Nanometres, type Volume } from "@quintet/core";
import { diffuseLight, type PhotonScene, photonWalk } from "@quintet/kernels";
import {
  type HeadOptics,
  type OpticalHead,
  optodePlace,
  optodeSource,
  type PlacedOptode,
  photonScene,
} from "./optical-head.ts";
import { opticalTissues, tissueIndex } from "./tissue-optics.ts";

export interface OptodeFieldOptions extends HeadOptics {
  /** Of each optode; default 1e6. */
  readonly photons?: number;
  readonly seed?: number;
  /** Of the optodes' ends on the skin, mm; default 2.5. */
  readonly radius?: number;
}

/** Light of one optode in the head, for one unit launched. */
export interface OptodeField {
  readonly optode: string;
  readonly wavelength: Nanometres;
  /** Photons walked; 0 by diffusion. */
  readonly photons: number;
  /** mm^3: path in a voxel is this times both fluences over what is measured. */
  readonly scale: number;
  /** 1/mm^2, on the head's grid. */
  readonly fluence: Float32Array;
  /** What the other optodes catch of it: share, its standard error, and mean path in each of `opticalTissues`, mm. */
  readonly caught: ReadonlyMap<string, CaughtLight>;
}

export interface CaughtLight {
  readonly weight: number;
  readonly error: number;
  readonly paths: readonly number[];
}

/** Where a measurement looks. */
export interface PairSensitivity {
  readonly source: string;
  readonly detector: string;
  readonly wavelength: Nanometres;
  /** Measured share of what the source lets in, with its standard error. */
  readonly measured: number;
  readonly error: number;
  /** mm of path in each voxel asked for: -d ln I / d mu_a of that voxel. */
  readonly paths: Float32Array;
}

/**
 * Light of one optode by Monte Carlo. A source shines, and a detector sees, through a disc with Lambert's cosine: both fields are
 * made alike, and either serves as either.
 *
 * @throws DataError those of tissueOptics and photonWalk
 */
export function optodeField(
  head: OpticalHead,
  optode: PlacedOptode,
  others: readonly PlacedOptode[],
  wavelength: Nanometres,
  { photons = 1e6, seed = 1, radius = 2.5, ...optics }: OptodeFieldOptions = {},
): OptodeField {
  const scene: PhotonScene = photonScene(head, wavelength, optics);
  const partners = others.filter(({ name }) => name !== optode.name);
  const walk = photonWalk(
    scene,
    optodeSource(head, optode, radius),
    partners.map((partner) => ({ position: optodePlace(head, partner), radius })),
    { photons, seed, fluence: true },
  );
  const scale = (head.spacing ** 3 * Math.PI * radius ** 2) / (4 * tissueIndex ** 2);
  const caught = new Map(
    partners.map(({ name }, d): [string, CaughtLight] => {
      const { weight = 0, error = 0, paths = new Float64Array(0) } = walk.detectors[d] ?? {};
      return [name, { weight, error, paths: Array.from(paths.slice(1)) }];
    }),
  );
  return { optode: optode.name, wavelength, photons, scale, fluence: walk.fluence, caught };
}

/** 1/mm: what stands for a medium as clear as CSF, which is no diffuser (Custo et al., Appl Opt 2006;45:4747-4755). */
const leastDiffuse = 0.3;

/**
 * Light of every optode by diffusion in the head's voxels: no noise, and some seconds for a montage. Reduced scattering is taken
 * as 0.3 / mm at least. It is born, and seen, one
 * transport mean free path under the skin; l(v) = V_v phi_s(v) phi_d(v) / phi_s(d) is then the derivative exactly.
 *
 * @throws DataError those of tissueOptics and diffuseLight
 */
export function diffuseFields(
  head: OpticalHead,
  optodes: readonly PlacedOptode[],
  wavelength: Nanometres,
  { onOptode = () => {}, ...optics }: HeadOptics & { readonly onOptode?: (done: number) => void } = {},
): OptodeField[] {
  const clear = photonScene(head, wavelength, optics);
  const media = clear.media.map((medium, m) =>
    m === 0 ? medium : { ...medium, scattering: Math.max(medium.scattering, leastDiffuse / (1 - medium.anisotropy)) },
  );
  const scene: PhotonScene = { ...clear, media };
  const light = diffuseLight(scene);
  const depth = 1 / (scene.media[1]?.scattering as number);
  const places = optodes.map((optode) => {
    const [x, y, z] = optodePlace(head, optode);
    const [ux, uy, uz] = optode.inward;
    return [x + depth * ux, y + depth * uy, z + depth * uz] as const;
  });
  return optodes.map(({ name }, i) => {
    const fluence = light.fluence(places[i] as readonly [number, number, number]);
    onOptode(i + 1);
    const caught = new Map(
      optodes.flatMap((other, j): [string, CaughtLight][] =>
        j === i
          ? []
          : [
              [
                other.name,
                { weight: light.at(fluence, places[j] as readonly [number, number, number]), error: 0, paths: [] },
              ],
            ],
      ),
    );
    return { optode: name, wavelength, photons: 0, scale: head.spacing ** 3, fluence, caught };
  });
}

/**
 * Sensitivity of a pair by reciprocity (the adjoint product). A detector of area A that catches every direction is, seen backwards,
 * a lamp that lights the tissue of index n with radiance 1 from within: pi A / n^2 times its field for one unit launched from
 * air (n^2: the directions of air fill a cone). Where light is diffuse
 *
 *   l(v) = V_v A / 4n^2  phi_s(v) phi_d(v) / M          mm of path in voxel v
 *
 * phi for one unit launched and M the measured share. The sum over voxels is the mean path of what is measured, and over a tissue
 * its partial path; M is the mean of both directions, weighted by photons.
 *
 * @param voxels places in the grid, e.g. of the cortex; all without it
 * @throws DataError `not-reciprocal` (fields of other wavelengths, discs or grids), `no-light` where too little reached the detector:
 *   its standard error is above `mostError` of it
 */
export function pairSensitivity(
  head: OpticalHead,
  source: OptodeField,
  detector: OptodeField,
  { voxels, mostError = 0.5 }: { readonly voxels?: Uint32Array; readonly mostError?: number } = {},
): PairSensitivity {
  if (
    source.wavelength !== detector.wavelength ||
    source.scale !== detector.scale ||
    source.fluence.length !== head.labels.length ||
    detector.fluence.length !== head.labels.length
  )
    throw new DataError("not-reciprocal", "two fields of one wavelength, disc and grid make a sensitivity", {
      expected: `${source.wavelength} nm, ${source.scale.toPrecision(4)} mm3, ${head.labels.length} voxels`,
      found: `${detector.wavelength} nm, ${detector.scale.toPrecision(4)} mm3, ${detector.fluence.length} voxels`,
    });
  const { measured, error } = measuredBetween(source, detector);
  if (!(measured > 0 && error <= mostError * measured))
    throw new DataError("no-light", `too little light goes from ${source.optode} to ${detector.optode}`, {
      expected: `a standard error of at most ${100 * mostError} % (more photons, or leave the pair out)`,
      found: measured > 0 ? `${((100 * error) / measured).toFixed(0)} %` : "none",
    });
  const scale = source.scale / measured;
  const count = voxels?.length ?? head.labels.length;
  const paths = new Float32Array(count);
  for (let i = 0; i < count; i++) {
    const v = voxels === undefined ? i : (voxels[i] as number);
    if (head.labels[v] === 0) continue;
    paths[i] = scale * (source.fluence[v] as number) * (detector.fluence[v] as number);
  }
  return {
    source: source.optode,
    detector: detector.optode,
    wavelength: source.wavelength,
    measured,
    error,
    paths,
  };
}

function measuredBetween(source: OptodeField, detector: OptodeField): { measured: number; error: number } {
  let [weight, variance, photons] = [0, 0, 0];
  for (const [from, to] of [
    [source, detector],
    [detector, source],
  ] as const) {
    const found = from.caught.get(to.optode);
    if (!found) continue;
    const share = Math.max(1, from.photons);
    weight += share * found.weight;
    variance += (share * found.error) ** 2;
    photons += share;
  }
  return photons === 0
    ? { measured: 0, error: 0 }
    : { measured: weight / photons, error: Math.sqrt(variance) / photons };
}

/** Mean path in each tissue, mm, of a sensitivity over all voxels; over the distance they are the partial pathlength factors. */
export function partialPaths({ labels }: OpticalHead, { paths }: PairSensitivity): Readonly<Record<string, number>> {
  if (paths.length !== labels.length)
    throw new DataError("shape-mismatch", "partial paths are summed over the whole head", {
      expected: `${labels.length} voxels`,
      found: `${paths.length}`,
    });
  const sums = new Float64Array(opticalTissues.length + 1);
  for (let v = 0; v < labels.length; v++) {
    const label = labels[v] as number;
    sums[label] = (sums[label] as number) + (paths[v] as number);
  }
  return Object.fromEntries(opticalTissues.map((tissue, t) => [tissue, sums[t + 1] as number]));
}

/** Sensitivity summed over pairs as an image, mm of path in each voxel. */
export function sensitivityVolume(head: OpticalHead, rows: readonly PairSensitivity[]): Volume<"mm"> {
  const data = new Float32Array(head.labels.length);
  for (const { paths } of rows) for (let v = 0; v < data.length; v++) data[v] = (data[v] as number) + (paths[v] ?? 0);
  return { ...head.grid, unit: "mm", frames: [{ start: 0, duration: 0 }], clock: "none", data };
}
