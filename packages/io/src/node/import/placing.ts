/** Names in the new data set: the first of a kind has none, further ones get run numbers. */
import { bidsName } from "../../bids/name.ts";

export class RunNumbers {
  readonly #used = new Map<string, number>();

  /** The entities, with `run` when the same name was given before. */
  place(
    subject: string,
    datatype: string,
    suffix: string,
    entities: Readonly<Record<string, string>>,
  ): Readonly<Record<string, string>> {
    const key = `${datatype}/${bidsName({ sub: subject, ...entities }, suffix, "")}`;
    const times = (this.#used.get(key) ?? 0) + 1;
    this.#used.set(key, times);
    return times === 1 ? entities : { ...entities, run: String(times) };
  }
}

/** Relative path without its last extension (or .nii.gz). */
export function stemOf(path: string): string {
  return path.replace(/\.nii\.gz$|\.[A-Za-z0-9]+$/, "");
}

/** Letters and digits only, as a BIDS label; undefined when nothing is left. */
export function labelOf(text: string | undefined): string | undefined {
  const label = text?.replace(/[^A-Za-z0-9]/g, "").slice(0, 32);
  return label ? label : undefined;
}
