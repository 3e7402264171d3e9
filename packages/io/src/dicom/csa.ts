import { DataError } from "@quintet/core";
import { byteReader } from "../bytes/byte-reader.ts";

/** No CSA header seen holds more; a count beyond is a lie. */
const mostTags = 1000;
const mostItems = 10_000;

/**
 * Tags of a Siemens CSA2 header (private element 0029,xx10, "SV10"): name -> its values as text.
 * Always little-endian, whatever the file.
 *
 *   "SV10" 4 bytes, uint32 n, uint32 77; n times: name[64] vm(4) vr[4] syngodt(4) nItems(4) check(4),
 *   nItems times: length(4) and three more uint32, value padded to a multiple of 4
 *
 * @throws DataError `truncated`, `bad-dicom`
 * @see nibabel.readthedocs.io/en/stable/dicom/siemens_csa.html
 */
export function readCsaHeader(bytes: Uint8Array, file: string): ReadonlyMap<string, readonly string[]> {
  const reader = byteReader(bytes, file, true);
  if (reader.text(0, 4, "the CSA mark") !== "SV10") {
    throw new DataError("bad-dicom", "this private header is not of a known kind", { file, expected: "SV10" });
  }
  const count = reader.uint32(8, "the number of CSA tags");
  if (count > mostTags)
    throw new DataError("bad-dicom", "a CSA header lies about its size", { file, found: `${count}` });
  const tags = new Map<string, readonly string[]>();
  let at = 16;
  for (let i = 0; i < count; i++) {
    const name = reader.text(at, 64, "a CSA name");
    const items = reader.uint32(at + 76, "a CSA count");
    if (items > mostItems)
      throw new DataError("bad-dicom", "a CSA tag lies about its size", { file, found: `${items}` });
    at += 84;
    const values: string[] = [];
    for (let k = 0; k < items; k++) {
      const length = reader.uint32(at, "a CSA length");
      const value = reader.text(at + 16, length, `CSA tag ${name}`).trim();
      if (value !== "") values.push(value);
      at += 16 + Math.ceil(length / 4) * 4;
    }
    tags.set(name, values);
  }
  return tags;
}
