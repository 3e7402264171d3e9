import { type AttenuationCheck, type AttenuationMap, checkAttenuationMap, DataError } from "@quintet/core";
import { maxJsonBytes, numberField, readJson, textField } from "../bids/json.ts";
import { decodeText, quoted } from "../bids/text.ts";
import { writeNifti } from "../nifti/write.ts";
import { kindOfPath, readFileBounded, writeFileAtomic } from "./files.ts";
import { readVolume, type VolumeOptions } from "./volumes.ts";

const sidecarOf = (path: string): string => path.replace(/(\.nii(\.gz)?|\.mg[hz]|\.hdr|\.img)$/i, "").concat(".json");

/** What to do about a unit that is not 1/cm. */
const advice: readonly (readonly [RegExp, string])[] = [
  [/^(1\/mm|mm-1|mm\^-1|\/mm)$/i, "multiply the values by 10 and write 1/cm"],
  [/^(1\/m|m-1|m\^-1)$/i, "divide the values by 100 and write 1/cm"],
  [/^(hu|hounsfield.*|ct.*)$/i, "convert the CT to attenuation at the photon energy first (bilinear)"],
];

/**
 * Reads an attenuation map: any image, and beside it NAME.json with `Units` "1/cm" and `PhotonEnergy` in keV.
 *
 * @param options.energy the energy that is needed; `options.stated` the energy of a map whose side file names none
 * @throws DataError `not-found`, `wrong-unit` (names the factor or conversion), `bad-energy`, and those of readVolume and checkAttenuationMap
 */
export async function readAttenuationMap(
  path: string,
  options: AttenuationCheck & Pick<VolumeOptions, "space" | "orientation"> & { readonly stated?: number } = {},
): Promise<AttenuationMap> {
  const { energy, stated, content, ...rest } = options;
  // Before the side file is missed: an image that is not there has none.
  if ((await kindOfPath(path)) === "missing") throw new DataError("not-found", "there is no such file", { file: path });
  const sidecar = sidecarOf(path);
  const there = (await kindOfPath(sidecar)) === "file";
  const metadata = there ? readJson(decodeText(await readFileBounded(sidecar, maxJsonBytes), sidecar), sidecar) : {};
  const unit = textField(metadata, "Units");
  if (unit !== undefined && !/^(1\/cm|cm-1|cm\^-1|\/cm)$/i.test(unit.replaceAll(" ", ""))) {
    const how = advice.find(([pattern]) => pattern.test(unit.replaceAll(" ", "")))?.[1];
    throw new DataError("wrong-unit", `an attenuation map is in 1/cm${how ? `: ${how}` : ""}`, {
      file: sidecar,
      expected: "1/cm",
      found: quoted(unit),
    });
  }
  const known = numberField(metadata, "PhotonEnergy") ?? stated;
  if (known === undefined) {
    throw new DataError("bad-energy", "nothing says for which photon energy this map holds", {
      file: path,
      expected: `PhotonEnergy (keV) in ${sidecar}`,
      found: there ? "none" : "no such file",
    });
  }
  const volume = await readVolume(path, rest);
  const check = { file: path, ...(energy === undefined ? {} : { energy }), ...(content ? { content } : {}) };
  return checkAttenuationMap({ ...volume, unit: "1/cm", energy: known }, check);
}

/** Writes a map as NIfTI with the side file that readAttenuationMap asks for. @throws DataError those of checkAttenuationMap, `unwritable` */
export async function writeAttenuationMap(path: string, map: AttenuationMap): Promise<void> {
  const { energy } = checkAttenuationMap(map, { content: "hardware" });
  const facts = { Units: "1/cm", PhotonEnergy: energy, PhotonEnergyUnits: "keV" };
  await writeFileAtomic(sidecarOf(path), `${JSON.stringify(facts, null, 2)}\n`);
  await writeFileAtomic(path, writeNifti(map, { gzip: /\.gz$/i.test(path) }));
}
