/** One task of the EEG benchmark: what ours runs, on what, and how far its peer may be away. */
export interface Task {
  /** The peer's name of the task, where it is another. */
  readonly peer?: string;
  readonly what: string;
  readonly rate: number;
  readonly rows: readonly Float64Array[];
  run(): readonly Float64Array[] | Promise<readonly Float64Array[]>;
  /** Largest difference over the largest value; what it is said to be when another measure is meant. */
  readonly tolerance: number;
  readonly error?: (ours: readonly Float64Array[], theirs: Float64Array) => number;
  readonly measure?: string;
  /** Uses one thread whatever there are. */
  readonly alone?: boolean;
}
