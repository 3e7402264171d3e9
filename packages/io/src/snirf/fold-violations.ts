import type { SnirfViolation } from "./snirf-violations.ts";

/**
 * One line for each violation, "/nirs/data1/time: does not increase at sample 7"; the same at neighbours that differ by one number
 * alone stands in one line with all numbers: "/nirs/data1/measurementList{1-102}/dataTypeLabel: ...".
 */
export function foldViolations(violations: readonly SnirfViolation[]): string[] {
  const lines = new Map<
    string,
    { readonly before: string; readonly after: string; readonly says: string; readonly numbers: number[] }
  >();
  for (const { path, says } of violations) {
    const [, before = path, digits, after = ""] = /^(.*(?:measurementList|stim|aux|\[))(\d+)(.*)$/.exec(path) ?? [];
    const key = digits === undefined ? `${path}\n${says}` : `${before}{}${after}\n${says}`;
    const line = lines.get(key) ?? { before, after, says, numbers: [] };
    if (digits !== undefined) line.numbers.push(Number(digits));
    lines.set(key, line);
  }
  return [...lines.values()].map(({ before, after, says, numbers }) => {
    if (numbers.length === 0) return `${before}${after}: ${says}`;
    const runs: [number, number][] = [];
    for (const n of numbers.sort((a, b) => a - b)) {
      const last = runs.at(-1);
      if (last && n === last[1] + 1) last[1] = n;
      else runs.push([n, n]);
    }
    const said = runs.map(([a, b]) => (a === b ? `${a}` : `${a}-${b}`)).join(",");
    return `${before}${numbers.length === 1 ? said : `{${said}}`}${after}: ${says}`;
  });
}
