/** The models that are fitted in every voxel, by the names that users type. */
import { DataError } from "@quintet/core";
import {
  type InputFunction,
  type KineticData,
  loganMap,
  type MapOptions,
  ma1Map,
  mrtm2Map,
  type ParameterMap,
  patlakMap,
  referenceLoganMap,
  srtm2Map,
  srtmMap,
} from "@quintet/modalities/pet";
import type { KineticModelName } from "./kinetic-models.ts";

export type VoxelModelName = Extract<
  KineticModelName,
  "srtm" | "srtm2" | "mrtm2" | "reference-logan" | "logan" | "ma1" | "patlak"
>;
export const voxelModelNames: readonly VoxelModelName[] = [
  "srtm",
  "srtm2",
  "mrtm2",
  "reference-logan",
  "logan",
  "ma1",
  "patlak",
];

export interface VoxelModelInputs {
  /** Any curve in the image's frames. */
  readonly frames: KineticData;
  readonly reference?: KineticData;
  readonly input?: InputFunction;
  readonly k2prime?: number;
}

/**
 * @param data [frame][voxel], Bq/mL
 * @returns the main parameter first
 * @throws DataError `missing-reference`, `missing-plasma`, and those of the maps
 */
export function voxelMaps(
  model: VoxelModelName,
  data: Float32Array,
  voxels: number,
  { frames, reference, input, k2prime = Number.NaN }: VoxelModelInputs,
  options: MapOptions,
): readonly ParameterMap[] {
  const ref = (): KineticData => {
    if (reference) return reference;
    throw new DataError("missing-reference", `${model} needs a reference region`);
  };
  const plasma = (): InputFunction => {
    if (input) return input;
    throw new DataError("missing-plasma", `${model} needs an input function from blood`);
  };
  switch (model) {
    case "srtm":
      return srtmMap(data, voxels, ref(), options);
    case "srtm2":
      return srtm2Map(data, voxels, ref(), k2prime, options);
    case "mrtm2":
      return mrtm2Map(data, voxels, ref(), k2prime, options);
    case "reference-logan":
      return referenceLoganMap(data, voxels, ref(), { ...options, k2prime });
    case "logan":
      return loganMap(data, voxels, frames, plasma(), options);
    case "ma1":
      return ma1Map(data, voxels, frames, plasma(), options);
    case "patlak":
      return patlakMap(data, voxels, frames, plasma(), options);
  }
}
