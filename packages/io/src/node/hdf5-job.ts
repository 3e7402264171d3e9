import type { Hdf5Group } from "../hdf5/hdf5-tree.ts";

export type Hdf5Job =
  | { readonly task: "read"; readonly bytes: Uint8Array; readonly file: string; readonly only?: readonly string[] }
  | { readonly task: "write"; readonly tree: Hdf5Group };

export type Hdf5Answer =
  | { readonly ok: true; readonly tree: Hdf5Group }
  | { readonly ok: true; readonly bytes: Uint8Array }
  | { readonly ok: false; readonly code: string; readonly message: string };

/** What the thread is sent: a job, and how many bytes the library's memory may reach for it. */
export interface Hdf5Request {
  readonly job: Hdf5Job;
  readonly wasmLimit: number;
}

export interface Hdf5Reply {
  readonly answer: Hdf5Answer;
  /** Whether the thread may have the next file: the library kept its composure and its memory has not grown. */
  readonly reusable: boolean;
}
