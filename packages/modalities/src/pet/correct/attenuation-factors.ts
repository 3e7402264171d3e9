import {
  type AttenuationMap,
  checkAttenuationMap,
  checkHounsfield,
  DataError,
  type Sinogram,
  type SinogramLayout,
  type Volume,
} from "@quintet/core";
import { withoutTof } from "../forward/acquisition-model.ts";
import { attenuationProjector, sinogramProjector } from "../forward/sinogram-projector.ts";

/** Energy of annihilation photons, keV (CODATA 2018: the electron's rest energy). */
export const annihilationEnergy = 510.99895;

/**
 * The share of photon pairs that leave the head along each line of response:
 *
 *   a = exp(-int mu dl)
 *
 * (its inverse is the attenuation correction factor). A map whose border is air is projected as an image is; one that reaches
 * its border by exact lengths through its voxels, because there an image falls to 0 over the outermost half voxel.
 *
 * @param map at 511 keV in 1/cm, in scanner coordinates
 * @returns without time of flight: attenuation does not know it
 * @throws DataError those of checkAttenuationMap (`wrong-unit`, `wrong-energy`, `per-millimetre`, ...) and sinogramProjector
 */
export function attenuationFactors(map: AttenuationMap, layout: SinogramLayout, file?: string): Sinogram {
  checkAttenuationMap(map, { energy: annihilationEnergy, ...(file === undefined ? {} : { file }) });
  const plain = withoutTof(layout);
  const projector = touchesBorder(map) ? attenuationProjector(plain, map) : sinogramProjector(plain, map);
  // Line integrals are in mm times 1/cm.
  const data = projector.forward(map.data);
  for (let i = 0; i < data.length; i++) data[i] = Math.exp(-(data[i] as number) / 10);
  const own = data.slice();
  projector.close();
  return { layout: plain, data: own };
}

function touchesBorder({ shape: [nx, ny, nz], data }: AttenuationMap): boolean {
  return data.some((mu, v) => {
    const [x, y, z] = [v % nx, Math.floor(v / nx) % ny, Math.floor(v / nx / ny)];
    return mu > airBelow && (x === 0 || y === 0 || z === 0 || x === nx - 1 || y === ny - 1 || z === nz - 1);
  });
}

/** 1/cm: ten times air, a hundredth of water. */
const airBelow = 0.001;

/**
 * Of Carney et al., Med Phys 2006;33:976-83, table I, by tube voltage in kV: mu = slope (HU + 1000) + offset in 1/cm above
 * `from` HU. From the literature, not re-checked; each pair meets the line of soft tissue at its break point to 2e-5 1/cm.
 */
const carney: Readonly<Record<number, { readonly slope: number; readonly offset: number; readonly from: number }>> = {
  80: { slope: 3.64e-5, offset: 6.26e-2, from: 50 },
  100: { slope: 4.43e-5, offset: 5.44e-2, from: 52 },
  110: { slope: 4.92e-5, offset: 4.88e-2, from: 43 },
  120: { slope: 5.1e-5, offset: 4.71e-2, from: 47 },
  130: { slope: 5.51e-5, offset: 4.24e-2, from: 37 },
  140: { slope: 5.64e-5, offset: 4.08e-2, from: 30 },
};
/** Soft tissue at any voltage, 1/cm per HU (Carney 2006). */
const softTissue = 9.6e-5;

/**
 * A mu-map at 511 keV from a CT: bilinear in HU,
 *
 *   mu = 9.6e-5 (HU + 1000)   below the break point, else   slope (HU + 1000) + offset
 *
 * with slopes by tube voltage (Carney et al. 2006). Values below -1000 HU are air.
 *
 * @param ct in HU (unit "{arbitrary}" or "1"); smooth it to the PET's resolution and bring it onto its grid beforehand
 * @throws DataError `unknown-voltage`, those of checkHounsfield (`not-hounsfield`, `not-finite`)
 */
export function attenuationFromCt(ct: Volume, kilovolts: number): AttenuationMap {
  const line = carney[kilovolts];
  if (line === undefined) {
    throw new DataError("unknown-voltage", "the conversion from HU is known for these tube voltages", {
      expected: `${Object.keys(carney).join(", ")} kV`,
      found: `${kilovolts}`,
    });
  }
  checkHounsfield(ct.data);
  const data = ct.data.map((hu) => {
    const above = Math.max(0, hu + 1000);
    return hu < line.from ? softTissue * above : line.slope * above + line.offset;
  });
  return { ...ct, unit: "1/cm", energy: annihilationEnergy, data };
}
