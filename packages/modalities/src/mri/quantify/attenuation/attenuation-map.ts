import {
  type AttenuationMap,
  checkAttenuationMap,
  DataError,
  identityAffine,
  invert,
  type KiloelectronVolts,
  type LabelVolume,
  sameGrid,
  type Transform,
  type Volume,
} from "@quintet/core";
import { resample } from "@quintet/kernels";
import { headAttenuation } from "./head-attenuation.ts";

/** Which labels a map can be made of, and the coefficient of each. @throws DataError `unknown-label` */
function coefficients(labels: LabelVolume, energy: KiloelectronVolts): Float64Array {
  const mu = headAttenuation(energy);
  const strange = labels.data.find((label) => !(label >= 0 && label < mu.length));
  if (strange === undefined) return mu;
  throw new DataError("unknown-label", "a five-tissue head has the labels of headTissues", {
    expected: `0 to ${mu.length - 1}`,
    found: `${strange}`,
  });
}

/**
 * The attenuation map of a five-tissue head at one photon energy: mu(v) = mu_tissue(v)(E), in 1/cm.
 *
 * @param labels `headTissues`; grid and space are kept
 * @throws DataError `unknown-label`, `bad-energy`, those of checkAttenuationMap (`empty-map` for an empty head)
 */
export function attenuationMap(labels: LabelVolume, energy: KiloelectronVolts): AttenuationMap {
  const mu = coefficients(labels, energy);
  const { shape, affine, space } = labels;
  const data = new Float32Array(labels.data.length).map((_, i) => mu[labels.data[i] as number] as number);
  const frames = [{ start: 0, duration: 0 }];
  return checkAttenuationMap({ unit: "1/cm", energy, shape, affine, space, frames, clock: "image", data });
}

/**
 * The map at another photon energy, tissue by tissue:
 *
 *   mu'(v) = mu(v) mu_t(E') / mu_t(E),   t the tissue of voxel v
 *
 * because the ratio differs: from 511 to 140 keV soft tissue changes by 1.603, skull by 1.683. What attenuates where the
 * labels say air (hardware, hair) is taken as soft tissue.
 *
 * @param labels the five tissues on the map's grid
 * @throws DataError `grid-mismatch`, `unknown-label`, `bad-energy`, those of checkAttenuationMap
 */
export function convertAttenuation(
  map: AttenuationMap,
  labels: LabelVolume,
  energy: KiloelectronVolts,
): AttenuationMap {
  if (!sameGrid(map, labels)) {
    throw new DataError("grid-mismatch", "the tissues must lie on the map's grid", {
      expected: `${map.shape.join(" x ")} in ${map.space}`,
      found: `${labels.shape.join(" x ")} in ${labels.space}`,
    });
  }
  const known = checkAttenuationMap(map);
  const [from, to] = [coefficients(labels, known.energy), coefficients(labels, energy)];
  const ratio = to.map((mu, label) => mu / (from[label] as number));
  ratio[0] = ratio[1] as number;
  const data = known.data.map((mu, i) => mu * (ratio[labels.data[i] as number] as number));
  return checkAttenuationMap({ ...known, energy, data });
}

/**
 * Head and hardware (coil, cap, optodes, table) in one map: the hardware's own map, carried onto the head's grid and
 * added. Beyond its field of view the hardware attenuates nothing.
 *
 * @param pose hardware space -> head space, when the two are not one
 * @throws DataError `wrong-energy`, `space-mismatch`, `singular-affine`, those of checkAttenuationMap for either map and
 *   for the sum
 */
export function addHardware(head: AttenuationMap, hardware: AttenuationMap, pose?: Transform): AttenuationMap {
  const known = checkAttenuationMap(head);
  checkAttenuationMap(hardware, { energy: known.energy, content: "hardware" });
  const [from, to] = pose ? [pose.from, pose.to] : [hardware.space, hardware.space];
  if (from !== hardware.space || to !== known.space) {
    throw new DataError("space-mismatch", "the hardware needs a transform into the head's space", {
      expected: `${hardware.space} -> ${known.space}`,
      found: pose ? `${from} -> ${to}` : "none",
    });
  }
  const back = pose ? invert(pose.matrix) : identityAffine();
  const carried: Volume<"1/cm"> = resample<Volume<"1/cm">>(hardware, known, back);
  const data = known.data.map((mu, i) => mu + (carried.data[i] as number));
  return checkAttenuationMap({ ...known, data });
}
