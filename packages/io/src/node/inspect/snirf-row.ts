import type { SignalFile } from "../../signal/signal-file.ts";
import { foldViolations } from "../../snirf/fold-violations.ts";
import { snirfFromTree } from "../../snirf/snirf.ts";
import { snirfViolations } from "../../snirf/snirf-violations.ts";
import { readFileBounded } from "../files.ts";
import { readHdf5 } from "../hdf5.ts";

/** What the reader says of storage that `snirfViolations` tells with its path. */
const toldWithPath =
  /has rank|fixed length|is missing$|is missing;|measurementList\{i\} and measurementLists|without a hole|leading zero|does not name each optode|has no dataUnit/;

/**
 * A SNIRF file and everything in which it departs from the specification, one line each with its path in the file. What cannot be
 * read at all still gives its violations.
 */
export async function snirfFacts(
  full: string,
): Promise<{ readonly read?: SignalFile; readonly problems: readonly string[] }> {
  const tree = await readHdf5(await readFileBounded(full), { file: full });
  const violations = foldViolations(snirfViolations(tree));
  try {
    const read = snirfFromTree(tree, { file: full });
    const more = violations.length > 0 ? read.problems.filter((problem) => !toldWithPath.test(problem)) : read.problems;
    return { read: { ...read, format: "SNIRF", problems: [] }, problems: [...violations, ...more] };
  } catch (cause) {
    const said = cause instanceof Error ? cause.message : String(cause);
    return { problems: [`cannot be read: ${said.split(`${full}: `).join("")}`, ...violations] };
  }
}
