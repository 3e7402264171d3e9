import { readFileSync } from "node:fs";

/** Of the root package, beside the bundle or in the repository. */
export const version: string =
  ["../package.json", "../../../package.json"]
    .map((path) => {
      try {
        const { name, version: found } = JSON.parse(readFileSync(new URL(path, import.meta.url), "utf8")) as Record<
          string,
          string
        >;
        return name === "quintet" ? found : undefined;
      } catch {
        return undefined;
      }
    })
    .find((found) => found !== undefined) ?? "0.0.0";
