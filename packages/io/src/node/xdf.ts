import { isGzip } from "../bytes/gunzip.ts";
import { boundedInflate, inflateBudget } from "../mat/bounded-inflate.ts";
import { readXdf, type Xdf } from "../xdf/xdf.ts";
import { readFileBounded, readUnpacked } from "./files.ts";

/**
 * Reads an XDF recording, packed or not: `.xdfz` is zlib as LabRecorder writes it, gzip as others open it; told by content.
 *
 * @throws DataError those of `readXdf`, `gzip-bomb`, `decompression-limit`, `bad-compression`
 */
export async function readXdfFile(path: string): Promise<Xdf> {
  const bytes = await readFileBounded(path);
  if (isGzip(bytes)) return readXdf(await readUnpacked(path), { file: path });
  const zlib = bytes[0] === 0x78 && ((0x78 << 8) | (bytes[1] ?? 0)) % 31 === 0;
  return readXdf(zlib ? boundedInflate(bytes, inflateBudget(bytes.length), path) : bytes, { file: path });
}
