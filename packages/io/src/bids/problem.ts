/** Something in a data set that is missing, invalid or doubtful: found, said, and left as it is. */
export interface BidsProblem {
  /** Relative path of the file it is about, "/" between folders. */
  readonly file: string;
  /** Stable kebab-case name of the broken rule. */
  readonly rule: string;
  /** `error`: not valid or not readable. `warning`: readable, but a result may be wrong because of it. */
  readonly severity: "error" | "warning";
  readonly expected: string;
  readonly found: string;
}

/** Where a reader that goes on after a problem tells of it. */
export type Report = (problem: BidsProblem) => void;

/** One line for people. */
export function problemLine({ file, rule, severity, expected, found }: BidsProblem): string {
  return `${severity} ${rule}: ${file}: expected ${expected}, found ${found}`;
}
