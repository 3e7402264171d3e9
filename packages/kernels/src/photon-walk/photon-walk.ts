import type { Crew } from "../pool/crew.ts";
import { standingCrew } from "../pool/standing-crew.ts";
import { acrossAxes, walkBlockReference } from "./photon-walk.ref.ts";
import {
  type BlockLayout,
  blockLayout,
  blockPhotons,
  type CaughtPhotons,
  checkPhotonScene,
  type PhotonDetector,
  type PhotonScene,
  type PhotonSource,
  type PhotonWalk,
  type PhotonWalkOptions,
  pathUnit,
} from "./scene.ts";

const kernel = "photon-walk";
const [planBytes, mediumBytes, placeBytes, ownBytes, parts] = [256, 64, 32, 512, 16];

/**
 * Light in a turbid medium by Monte Carlo: what is absorbed, what leaves where, what detectors catch with its paths in each
 * medium and its time of flight, and the fluence of every voxel,
 *
 *   phi(v) = sum w dl / (V_v N)          1/mm^2 for one unit launched
 *
 * Random numbers come in streams of `blockPhotons` photons named by seed and block, path in a voxel is summed in integers, and
 * blocks are summed in their order: the same seed gives the same bits on any number of threads.
 *
 * Tolerance of the compiled form against the reference: 1e-9 of the weight for the same seed (its logarithm differs in the last
 * bits; a photon whose way then parts at a face is one in 1e12 steps). Faces of voxels are what a photon is bent and thrown
 * back at, as in MCX: a slanting skin is a staircase.
 *
 * @throws DataError those of checkPhotonScene, `too-large` where the images of all threads do not fit
 */
export function photonWalk(
  scene: PhotonScene,
  source: PhotonSource,
  detectors: readonly PhotonDetector[],
  options: PhotonWalkOptions,
): PhotonWalk {
  checkPhotonScene(scene, source, detectors, options);
  const layout = blockLayout(scene.media.length, detectors.length, options.gates ?? 1);
  const { sums, fluence } =
    compiled(scene, source, detectors, options, layout) ?? plain(scene, source, detectors, options, layout);
  return summed(sums, fluence, options.photons, layout);
}

interface WalkedBlocks {
  readonly sums: Float64Array;
  readonly fluence: Float32Array;
}

function compiled(
  { shape, size, labels, media }: PhotonScene,
  { position, inward, radius, beam }: PhotonSource,
  detectors: readonly PhotonDetector[],
  { photons, seed, fluence = false, gate = 100 }: PhotonWalkOptions,
  layout: BlockLayout,
): WalkedBlocks | undefined {
  const blocks = Math.ceil(photons / blockPhotons);
  const voxels = labels.length;
  const [nx, ny, nz] = shape;
  const bordered = (nx + 2) * (ny + 2) * (nz + 2);
  const round = (bytes: number): number => 64 * Math.ceil(bytes / 64);
  const rooms = {
    plan: planBytes,
    labels: round(bordered),
    media: mediumBytes * media.length,
    places: round(placeBytes * detectors.length),
    out: round(8 * blocks * layout.length),
    fluence: fluence ? round(4 * voxels) : 0,
  };
  const image = fluence ? round(8 * bordered) : 0;
  const perThread = ownBytes + image;
  const shared = Object.values(rooms).reduce((sum, bytes) => sum + bytes, 0);
  const standing = standingCrew(kernel, 0);
  if (!standing) return undefined;
  const { crew, at: base } = standingCrew(kernel, shared + perThread * standing.crew.threads) as {
    crew: Crew;
    at: number;
  };
  const at = {} as Record<keyof typeof rooms, number>;
  let top = base;
  for (const [name, bytes] of Object.entries(rooms)) {
    at[name as keyof typeof rooms] = top;
    top += bytes;
  }
  const own = top;
  const images = own + ownBytes * crew.threads;
  const { buffer } = crew;
  const border = new Uint8Array(buffer, at.labels, bordered).fill(0);
  for (let row = 0; row < ny * nz; row++) {
    const to = 1 + (nx + 2) * ((row % ny) + 1 + (ny + 2) * (Math.floor(row / ny) + 1));
    border.set(labels.subarray(row * nx, (row + 1) * nx), to);
  }
  for (const [m, { absorption, scattering, anisotropy: g, index }] of media.entries())
    new Float64Array(buffer, at.media + mediumBytes * m, 8).set([
      absorption,
      scattering,
      g,
      index,
      absorption > 0 ? 1 / absorption : 0,
      scattering > 0 ? 1 / scattering : Number.POSITIVE_INFINITY,
      1 - g * g,
      g === 0 ? 0 : 1 / (2 * g),
    ]);
  for (const [d, { position: p, radius: r }] of detectors.entries())
    new Float64Array(buffer, at.places + placeBytes * d, 4).set([...p, r * r]);
  const { media: count, detectors: caught, gates } = layout;
  new Int32Array(buffer, at.plan, 8).set([nx, ny, nz, count, caught, gates, blockPhotons, photons]);
  new Uint32Array(buffer, at.plan + 32, 10).set([
    seed,
    beam === "lambert" ? 1 : 0,
    0,
    at.labels,
    at.media,
    at.places,
    at.out,
    own,
    fluence ? images : 0,
    image,
  ]);
  const [across, other] = acrossAxes(inward);
  new Float64Array(buffer, at.plan + 72, 17).set([...size, ...position, radius, ...inward, ...across, ...other, gate]);
  crew.run(`${kernel}.clear`, parts, at.out, rooms.out, parts);
  if (fluence) crew.run(`${kernel}.clear`, parts * crew.threads, images, image * crew.threads, parts * crew.threads);
  crew.run(`${kernel}.walk`, blocks, at.plan);
  const sums = Float64Array.from(new Float64Array(crew.buffer, at.out, blocks * layout.length));
  if (!fluence) return { sums, fluence: new Float32Array(0) };
  const scale = pathUnit / (size[0] * size[1] * size[2] * photons);
  crew.run(`${kernel}.gather`, parts, at.plan, crew.threads, parts, at.fluence, scale);
  return { sums, fluence: Float32Array.from(crew.floats(at.fluence, voxels)) };
}

function plain(
  scene: PhotonScene,
  source: PhotonSource,
  detectors: readonly PhotonDetector[],
  { photons, seed, fluence = false, gate = 100 }: PhotonWalkOptions,
  layout: BlockLayout,
): WalkedBlocks {
  const blocks = Math.ceil(photons / blockPhotons);
  const sums = new Float64Array(blocks * layout.length);
  const paths = new Float64Array(fluence ? scene.labels.length : 0);
  for (let block = 0; block < blocks; block++) {
    const own = sums.subarray(block * layout.length, (block + 1) * layout.length);
    const some = Math.min(blockPhotons, photons - block * blockPhotons);
    walkBlockReference(scene, source, detectors, { photons: some, seed, block, gate }, layout, own, paths);
  }
  const scale = pathUnit / (scene.size[0] * scene.size[1] * scene.size[2] * photons);
  return { sums, fluence: Float32Array.from(paths, (path) => path * scale) };
}

function summed(sums: Float64Array, fluence: Float32Array, photons: number, layout: BlockLayout): PhotonWalk {
  const { media, gates, fixed, perDetector, length } = layout;
  const blocks = sums.length / length;
  const totals = new Float64Array(length);
  const squares = new Float64Array(length);
  for (let block = 0; block < blocks; block++) {
    const own = Math.min(blockPhotons, photons - block * blockPhotons);
    for (let k = 0; k < length; k++) {
      const value = sums[block * length + k];
      totals[k] += value;
      squares[k] += (value * value) / own;
    }
  }
  // Of the mean over blocks whose variance falls with their photons.
  const errorAt = (k: number): number => {
    const mean = totals[k] / photons;
    return blocks < 2 ? Number.NaN : Math.sqrt(Math.max(0, squares[k] / photons - mean * mean) / (blocks - 1));
  };
  const share = (from: number, to: number): Float64Array => totals.slice(from, to).map((v) => v / photons);
  const caught = (d: number): CaughtPhotons => {
    const from = fixed + d * perDetector;
    return {
      weight: totals[from] / photons,
      error: errorAt(from),
      paths: totals.slice(from + 1, from + 1 + media).map((v) => v / totals[from]),
      gates: share(from + 1 + media, from + 1 + media + gates),
    };
  };
  return {
    photons,
    specular: totals[0] / photons,
    missed: totals[1] / photons,
    escaped: share(3, 9),
    escapedErrors: Float64Array.from({ length: 6 }, (_, k) => errorAt(3 + k)),
    absorbed: share(9, 9 + media),
    roulette: totals[2] / photons,
    detectors: Array.from({ length: layout.detectors }, (_, d) => caught(d)),
    fluence,
  };
}
