/**
 * What the fuzzer needs to know of one reader. Each reader's owner exports a list of these from fuzz/NAME.ts
 * and adds it to the table in fuzz/targets.ts.
 */
export interface FuzzFixture {
  /** Shown when an input fails. */
  readonly name: string;
  /** The undamaged file; at most 20 kB. */
  readonly bytes: Uint8Array;
}

export interface FuzzTarget {
  /** `npm run fuzz -- NAME`: nifti, dicom, edf, snirf ... */
  readonly name: string;
  /** Small and made by code: no file of a person. */
  readonly fixtures: () => readonly FuzzFixture[] | Promise<readonly FuzzFixture[]>;
  /** Reads one (damaged) input. May return anything or throw a DataError; any other error is a finding. */
  readonly read: (bytes: Uint8Array, file: string) => unknown | Promise<unknown>;
  /** Runs on WebAssembly made by others: fewer mutations in the test run (50 instead of 1000), +256 MB of memory. */
  readonly wasm?: boolean;
}

/** What came of a run. `findings` is empty when the reader is well-behaved. */
export interface FuzzReport {
  readonly target: string;
  readonly count: number;
  readonly seed: number;
  /** Inputs that were still readable. */
  readonly read: number;
  /** Inputs that were refused, by DataError code. */
  readonly refused: Readonly<Record<string, number>>;
  readonly findings: readonly FuzzFinding[];
  /** Processor time of the slowest input, or a fifteenth of its time by the clock where that is more, seconds. */
  readonly slowest: number;
  /** Largest growth of array buffers over one input, bytes. */
  readonly largest: number;
  readonly seconds: number;
}

export interface FuzzFinding {
  readonly kind: "escaped" | "slow" | "memory" | "wrote";
  readonly fixture: string;
  /** Mutation seed: `mutate(fixture.bytes, seed)` gives the input again. */
  readonly seed: number;
  readonly message: string;
}
