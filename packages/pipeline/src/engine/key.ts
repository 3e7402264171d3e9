/** The address of a result: what made it, not when. */
import { createHash } from "node:crypto";
import type { GraphNode } from "./graph.ts";

/** JSON with sorted keys, so that equal parameters give equal text. */
function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, v: unknown) =>
    v !== null && typeof v === "object" && !Array.isArray(v) && !ArrayBuffer.isView(v)
      ? Object.fromEntries(Object.entries(v).sort(([a], [b]) => (a < b ? -1 : 1)))
      : v,
  );
}

/** sha256 over step name, version, parameters and the address of every input. */
export function resultKey(node: GraphNode, inputAddresses: ReadonlyMap<string, string>): string {
  const inputs = [...inputAddresses].sort(([a], [b]) => (a < b ? -1 : 1));
  const text = canonicalJson({ step: node.step, version: node.version, params: node.params, inputs, layout: 1 });
  return createHash("sha256").update(text).digest("hex");
}
