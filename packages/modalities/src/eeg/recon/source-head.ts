import { DataError, type Montage, type Point, type Surface } from "@quintet/core";
import { boundaryHead, boundaryLeadField, fitSphere, type LeadFieldAt, spherePotential } from "@quintet/kernels";
import { electrodeName } from "../correct/electrode-name.ts";

/** A head that tells what electrodes see of a dipole. */
export interface SourceHead {
  readonly model: "spheres" | "boundary-elements";
  /** Space of electrodes and sources. */
  readonly space: string;
  /** Channels with an electrode that has a place. */
  readonly channels: readonly string[];
  /** Where the electrodes stand in the model, mm. */
  readonly electrodes: readonly Point[];
  /** How far each was moved onto the model's scalp, mm. */
  readonly moved: readonly number[];
  /** Rows in the order of `channels`, against no electrode of their own: give them the data's reference. */
  readonly leadField: LeadFieldAt;
}

/** Brain, skull and scalp of boundary elements, S/m: MNE-Python's defaults (0.3, 0.006, 0.3), a ratio of 50. */
export const headConductivities = [0.3, 0.006, 0.3] as const;
/** Shells of MNE-Python's sphere: brain, CSF, skull, scalp; shares of the head's radius, and S/m. */
export const headShells = [
  { share: 0.9, conductivity: 0.33 },
  { share: 0.92, conductivity: 1 },
  { share: 0.97, conductivity: 0.004 },
  { share: 1, conductivity: 0.33 },
] as const;
/** A sphere and six numbers of a dipole ask for that many places at least. */
const fewestChannels = 8;

/**
 * Four concentric spheres fitted to the electrodes: the exact series, for a head without an MRI.
 *
 * @param channels names as in the recording
 * @throws DataError `no-positions`, `duplicate-name`, and those of `fitSphere`
 */
export function sphereHead(montage: Montage, channels: readonly string[]): SourceHead {
  const placed = placedElectrodes(montage, channels);
  const { centre, radius } = fitSphere(placed.map(({ position }) => position));
  const metres = (p: Point): Point => [(p[0] - centre[0]) / 1000, (p[1] - centre[1]) / 1000, (p[2] - centre[2]) / 1000];
  const electrodes = placed.map(({ position }) => metres(position));
  const shells = headShells.map(({ share, conductivity }) => ({ radius: (share * radius) / 1000, conductivity }));
  const distances = electrodes.map((p) => Math.hypot(...p));
  return {
    model: "spheres",
    space: montage.space,
    channels: placed.map(({ name }) => name),
    electrodes: electrodes.map((p, i) => {
      const scale = radius / (distances[i] as number);
      return [centre[0] + p[0] * scale, centre[1] + p[1] * scale, centre[2] + p[2] * scale];
    }),
    moved: distances.map((d) => Math.abs(1000 * d - radius)),
    leadField: (places) => {
      const rows = electrodes.map(() => new Float64Array(3 * places.length));
      for (const [i, place] of places.entries()) {
        const lead = spherePotential(electrodes, metres(place), shells);
        for (const [e, row] of rows.entries()) row.set(lead.subarray(3 * e, 3 * e + 3), 3 * i);
      }
      return rows;
    },
  };
}

/**
 * Boundary elements on the head's own surfaces, weighed by Galerkin's method: MNE-Python collocates at the vertices, which is off by
 * 5 % where this is off by 1 % (docs/science/eeg-sources.md).
 *
 * @param surfaces inner skull, outer skull, scalp, in the montage's space
 * @param conductivities S/m of brain, skull and scalp
 * @throws DataError `space-mismatch`, `no-positions`, `duplicate-name`, and those of `boundaryHead`
 */
export function boundaryElementHead(
  surfaces: readonly [innerSkull: Surface, outerSkull: Surface, scalp: Surface],
  montage: Montage,
  channels: readonly string[],
  conductivities: readonly [number, number, number] = headConductivities,
): SourceHead {
  for (const { space } of surfaces) {
    if (space !== montage.space)
      throw new DataError("space-mismatch", "electrodes and surfaces must be in one space", {
        expected: montage.space,
        found: space,
      });
  }
  const placed = placedElectrodes(montage, channels);
  const head = boundaryHead(
    surfaces.map(({ vertices, faces }, k) => ({ vertices, faces, conductivity: conductivities[k] as number })),
    placed.map(({ position }) => position),
    { weighting: "galerkin" },
  );
  return {
    model: "boundary-elements",
    space: montage.space,
    channels: placed.map(({ name }) => name),
    electrodes: head.electrodes,
    moved: head.moved,
    leadField: (places) => boundaryLeadField(head, places),
  };
}

function placedElectrodes(
  montage: Montage,
  channels: readonly string[],
): { readonly name: string; readonly position: Point }[] {
  const twice = channels.find((name, i) => channels.indexOf(name) !== i);
  if (twice !== undefined)
    throw new DataError("duplicate-name", "each channel has a name of its own", { found: `${twice} more than once` });
  const places = new Map<string, Point>();
  for (const { name, kind, position } of montage.sensors) {
    if (kind !== "electrode" || !position) continue;
    if (places.has(name) && channels.includes(name))
      throw new DataError("duplicate-name", "each electrode has one place", { found: `${name} more than once` });
    places.set(name, position);
  }
  const placed = channels.flatMap((name) => {
    const position = places.get(name) ?? places.get(electrodeName(name));
    return position ? [{ name, position }] : [];
  });
  if (placed.length < fewestChannels)
    throw new DataError("no-positions", "sources need the places of the electrodes", {
      expected: `${fewestChannels} channels with a place`,
      found: `${placed.length} of ${channels.length}`,
    });
  return placed;
}
