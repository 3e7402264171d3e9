/** PETSIRD files: list mode of any PET scanner, with its geometry, read and written by time blocks. */
import { DataError } from "@quintet/core";
import { crc32 } from "../bytes/crc32.ts";
import type { ByteSource } from "../signal/byte-source.ts";
import { byteCursor } from "../yardl/byte-cursor.ts";
import { decode, decodeStream } from "../yardl/decode.ts";
import { byteSink, encode } from "../yardl/encode.ts";
import { type Node, protocolOf } from "../yardl/schema.ts";
import { checkBlock, checkHeader } from "./check.ts";
import type { PetsirdHeader, PetsirdTimeBlock } from "./model.ts";
import { otherVersions, petsirdVersions, schema09 } from "./schema.ts";

const magic = "yardl";
const formatVersion = 1;
/** Of schemas: the longest known has 13 kB. */
const longestSchema = 2 ** 20;

const [header, blocks] = protocolOf(schema09).steps.map(({ node }) => node) as [
  Node,
  Extract<Node, { kind: "stream" }>,
];

export interface PetsirdFile {
  readonly header: PetsirdHeader;
  /**
   * Time blocks in the file's order, decoded one at a time: a file larger than memory is read through. May be walked once.
   */
  readonly blocks: Iterable<PetsirdTimeBlock>;
}

/** Whether these are the first bytes of a yardl file: PETSIRD or, rarely, another protocol. */
export function looksLikePetsird(bytes: Uint8Array): boolean {
  return bytes.length >= 9 && String.fromCharCode(...bytes.subarray(0, 5)) === magic;
}

/**
 * Opens a PETSIRD file in yardl's binary form: the bytes "yardl", a 32-bit 1, the schema as text, the header, and a stream of
 * time blocks that ends with a count of 0.
 *
 * @throws DataError `not-petsird`, `other-schema` (naming the versions), `truncated`, `bad-varint`, `bad-yardl`, `bad-petsird`,
 *   `trailing-bytes`; those of time blocks while they are walked
 */
export function readPetsird(source: ByteSource, { file }: { readonly file: string }): PetsirdFile {
  const cursor = byteCursor(source, file);
  const start = source.read(0, Math.min(source.size, 9));
  if (!looksLikePetsird(start)) {
    throw new DataError("not-petsird", "the file does not begin as a yardl file", { file, expected: magic });
  }
  cursor.bytes(5);
  const version = new DataView(cursor.bytes(4).buffer).getInt32(0, true);
  if (version !== formatVersion) {
    throw new DataError("not-petsird", "yardl's binary form", {
      file,
      expected: `${formatVersion}`,
      found: `${version}`,
    });
  }
  const length = cursor.varint();
  if (length > longestSchema || length > cursor.remaining()) {
    throw new DataError("not-petsird", "the schema is longer than any", { file, found: `${length} bytes` });
  }
  checkSchema(cursor.bytes(length), file);
  const read = decode(header, cursor) as PetsirdHeader;
  const about = checkHeader(read, file);
  function* walk(): Generator<PetsirdTimeBlock> {
    for (const block of decodeStream(blocks.item, cursor)) {
      checkBlock(block as PetsirdTimeBlock, about, file);
      yield block as PetsirdTimeBlock;
    }
    if (cursor.remaining() > 0) {
      throw new DataError("trailing-bytes", "something stands behind the last time block", {
        file,
        found: `${cursor.remaining()} bytes`,
      });
    }
  }
  return { header: read, blocks: walk() };
}

function checkSchema(bytes: Uint8Array, file: string): void {
  const text = new TextDecoder().decode(bytes);
  if (text === schema09) return;
  const known = otherVersions.get(crc32(bytes));
  const name = text.match(/^\{"protocol":\{"name":"([^"]{1,60})"/)?.[1];
  throw new DataError("other-schema", "the file's schema is not the one that is read here", {
    file,
    expected: `PETSIRD ${petsirdVersions}`,
    found: known === undefined ? `${name ?? "no protocol"} of a version not known here` : `PETSIRD ${known}`,
  });
}

/**
 * Writes a PETSIRD 0.9 file piece by piece: the header, then each time block as it comes, then the end.
 *
 * @throws DataError `does-not-fit`, `bad-petsird`
 */
export function* writePetsird(about: PetsirdHeader, timeBlocks: Iterable<PetsirdTimeBlock>): Generator<Uint8Array> {
  const checked = checkHeader(about, "the header to write");
  const sink = byteSink();
  sink.bytes(new TextEncoder().encode(magic));
  for (const byte of [formatVersion, 0, 0, 0]) sink.byte(byte);
  const schema = new TextEncoder().encode(schema09);
  sink.varint(schema.length);
  sink.bytes(schema);
  encode(header, about, sink);
  yield sink.take();
  for (const block of timeBlocks) {
    checkBlock(block, checked, "the time block to write");
    sink.varint(1);
    encode(blocks.item, block, sink);
    yield sink.take();
  }
  sink.byte(0);
  yield sink.take();
}
