import {
  type AttenuationMap,
  affineOf,
  checkAttenuationMap,
  DataError,
  type Grid,
  type SpectProjections,
  sameGrid,
} from "@quintet/core";
import { type CameraProjector, cameraProjector, imageGrid } from "@quintet/kernels";
import type { CameraResponse } from "./collimators.ts";

/** Where the views of a camera lie: SpectProjections without its counts. */
export type SpectGeometry = Omit<SpectProjections, "data">;

export interface CameraModel {
  /** Of collimator and detector; "none": a sharp camera. */
  readonly response: CameraResponse | "none";
  /** At the photons' energy, on the image's grid. */
  readonly attenuation: AttenuationMap | "none";
}

/**
 * Where an image of a camera lies: about the axis, as many square voxels across as a view has columns, one slice a row.
 */
export function spectGrid({ columns, rows, size: [across, along] }: SpectGeometry): Grid {
  const [x, z] = [(-(columns - 1) / 2) * across, (-(rows - 1) / 2) * along];
  return {
    shape: [columns, columns, rows],
    space: "scanner:spect",
    affine: affineOf([across, 0, 0, x, 0, across, 0, x, 0, 0, along, z]),
  };
}

/**
 * The projector of a gamma camera: rotation, response by depth and attenuation (see cameraProjector). Data is [view][row][column],
 * image values are counts per mm of line, or mm times whatever unit the image has.
 *
 * @throws DataError `missing-term`, `grid-mismatch` (attenuation elsewhere than the image), `oblique-grid`, those of checkAttenuationMap
 *   and cameraProjector
 */
export function spectProjector(geometry: SpectGeometry, grid: Grid, model: CameraModel): CameraProjector {
  const { response, attenuation } = model;
  for (const [name, term] of Object.entries({ response, attenuation })) {
    if (term !== undefined) continue;
    throw new DataError("missing-term", `the model of the counts says nothing about ${name}`, {
      expected: 'a term, or "none" where it is left out on purpose',
      found: "nothing",
    });
  }
  const { columns, rows, size, angles, radii, offsets, focalLength } = geometry;
  if (attenuation !== "none") {
    checkAttenuationMap(attenuation);
    if (!sameGrid(attenuation, grid)) {
      throw new DataError("grid-mismatch", "the attenuation map is on the grid of the image", {
        expected: `${grid.shape.join(" x ")} in ${grid.space}`,
        found: `${attenuation.shape.join(" x ")} in ${attenuation.space}`,
      });
    }
  }
  return cameraProjector(
    {
      columns,
      rows,
      size,
      angles,
      radii,
      ...(offsets ? { offsets } : {}),
      ...(focalLength === undefined ? {} : { focalLength }),
    },
    imageGrid(grid),
    {
      ...(response === "none" ? {} : { sigma: response }),
      ...(attenuation === "none" ? {} : { attenuation: attenuation.data }),
    },
  );
}
