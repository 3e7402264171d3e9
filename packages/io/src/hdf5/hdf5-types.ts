/** Types of HDF5 data and their description in a file (HDF5 File Format Specification 3.0, IV.A.2.d, little-endian). */
import { Bytes } from "./hdf5-bytes.ts";

export type Hdf5Type =
  | { readonly kind: "integer"; readonly bytes: 1 | 2 | 4 | 8; readonly signed?: boolean }
  | { readonly kind: "float"; readonly bytes: 4 | 8 }
  | { readonly kind: "array"; readonly of: Hdf5Type; readonly length: number }
  | {
      readonly kind: "compound";
      readonly bytes: number;
      readonly members: readonly { readonly name: string; readonly offset: number; readonly type: Hdf5Type }[];
    }
  /** As many as each row has: count, place of a heap, index there. */
  | { readonly kind: "sequence"; readonly of: Hdf5Type }
  | { readonly kind: "text" };

export const sequenceBytes = 16;

export function sizeOfType(type: Hdf5Type): number {
  if (type.kind === "array") return type.length * sizeOfType(type.of);
  return type.kind === "sequence" || type.kind === "text" ? sequenceBytes : type.bytes;
}

/** The datatype message of a type. */
export function describeType(type: Hdf5Type): Uint8Array {
  const out = new Bytes();
  const head = (version: number, group: number, bits: number): void => {
    out
      .u8((version << 4) | group)
      .u8(bits & 0xff)
      .u8((bits >> 8) & 0xff)
      .u8(0)
      .u32(sizeOfType(type));
  };
  switch (type.kind) {
    case "integer":
      head(1, 0, type.signed ? 8 : 0);
      out.u16(0).u16(8 * type.bytes);
      break;
    case "float": {
      const single = type.bytes === 4;
      head(1, 1, 0x20 | ((8 * type.bytes - 1) << 8));
      out
        .u16(0)
        .u16(8 * type.bytes)
        .u8(single ? 23 : 52)
        .u8(single ? 8 : 11)
        .u8(0)
        .u8(single ? 23 : 52);
      out.u32(single ? 127 : 1023);
      break;
    }
    case "array":
      head(2, 10, 0);
      out.u8(1).u8(0).u16(0).u32(type.length).u32(0).raw(describeType(type.of));
      break;
    case "compound":
      head(2, 6, type.members.length);
      for (const { name, offset, type: member } of type.members)
        out
          .text(name)
          .u8(0)
          .align(8, out.length - name.length - 1)
          .u32(offset)
          .raw(describeType(member));
      break;
    case "sequence":
      head(1, 9, 0);
      out.raw(describeType(type.of));
      break;
    case "text":
      head(1, 9, 1);
      out.raw(describeType({ kind: "integer", bytes: 1 }));
  }
  return out.done();
}
