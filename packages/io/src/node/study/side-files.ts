/** Side files of one data set: each JSON read once, and what is wrong with any of them kept as a problem. */
import { join } from "node:path";
import { DataError, type Metadata } from "@quintet/core";
import { maxJsonBytes, readJson } from "../../bids/json.ts";
import type { BidsProblem } from "../../bids/problem.ts";
import { decodeText } from "../../bids/text.ts";
import { readFileBounded } from "../files.ts";
import type { FoundFile } from "./walk.ts";

export const maxTsvBytes: number = 64 * 2 ** 20;

export class SideFiles {
  readonly #root: string;
  readonly #problems: BidsProblem[];
  readonly #json = new Map<string, Metadata | undefined>();

  constructor(root: string, problems: BidsProblem[]) {
    this.#root = root;
    this.#problems = problems;
  }

  report = (problem: BidsProblem): void => {
    this.#problems.push(problem);
  };

  /** A parsed JSON file; undefined, with a problem said, when it is absent (and `paths` given) or invalid. */
  async json(path: string, paths?: readonly FoundFile[]): Promise<Metadata | undefined> {
    if (this.#json.has(path)) return this.#json.get(path);
    if (paths && !paths.some((file) => file.path === path)) {
      this.report({ file: path, rule: "missing-file", severity: "error", expected: path, found: "nothing" });
      this.#json.set(path, undefined);
      return undefined;
    }
    const value = await this.read(path, maxJsonBytes, (text) => readJson(text, path));
    this.#json.set(path, value);
    return value;
  }

  /** What `parse` makes of a text file, or undefined with a problem said. */
  async read<T>(path: string, maxBytes: number, parse: (text: string) => T): Promise<T | undefined> {
    try {
      return parse(decodeText(await readFileBounded(join(this.#root, path), maxBytes), path));
    } catch (cause) {
      this.report(asProblem(path, cause));
      return undefined;
    }
  }
}

/** A failure to read one file as a problem of the data set. */
export function asProblem(file: string, cause: unknown): BidsProblem {
  const known = cause instanceof DataError ? cause : undefined;
  const said = (cause instanceof Error ? cause.message : String(cause)).split(`${file}: `).join("");
  return {
    file,
    rule: known?.code ?? "unreadable",
    severity: "error",
    expected: known?.expected ?? "a readable file",
    found: known === undefined ? said : said.replace(/ \(expected .*$/, "") + (known.found ? `: ${known.found}` : ""),
  };
}
