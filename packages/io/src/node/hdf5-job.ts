import type { Hdf5Group } from "../hdf5/hdf5-tree.ts";

export type Hdf5Job =
  | { readonly task: "read"; readonly bytes: Uint8Array; readonly file: string; readonly only?: readonly string[] }
  | { readonly task: "write"; readonly tree: Hdf5Group };

export type Hdf5Answer =
  | { readonly ok: true; readonly tree: Hdf5Group }
  | { readonly ok: true; readonly bytes: Uint8Array }
  | { readonly ok: false; readonly code: string; readonly message: string };
