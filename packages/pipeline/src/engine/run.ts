/** Runs a recipe: each node once its inputs are there, as many at once as the engine takes; what is stored is not run. */
import type { Cache, StoredResult } from "./cache.ts";
import type { GraphNode, Recipe } from "./graph.ts";
import type { JobInput } from "./job.ts";
import { failureOf } from "./job.ts";
import { resultKey } from "./key.ts";
import type { Engine } from "./local.ts";
import type { SourceHashes } from "./source-hash.ts";
import type { Failure } from "./step.ts";

export type NodeState =
  | { readonly kind: "ran" | "cached"; readonly key: string; readonly stored: StoredResult }
  | { readonly kind: "failed"; readonly failure: Failure }
  | { readonly kind: "skipped"; readonly because: string };

export interface NodeRecord {
  readonly node: GraphNode;
  readonly state: NodeState;
  /** sha256 of every file the node read. */
  readonly files: readonly { readonly role: string; readonly path: string; readonly sha256: string }[];
}

export type RunEvent =
  | { readonly kind: "start"; readonly node: GraphNode }
  | { readonly kind: "progress"; readonly node: GraphNode; readonly fraction: number; readonly note?: string }
  | {
      readonly kind: "end";
      readonly node: GraphNode;
      readonly state: NodeState;
      readonly done: number;
      readonly total: number;
    };

export interface RunOptions {
  readonly cache: Cache;
  readonly hashes: SourceHashes;
  readonly engine: Engine;
  readonly onEvent?: (event: RunEvent) => void;
  readonly signal?: AbortSignal;
}

/** @returns a record per node, in the recipe's order */
export async function runRecipe(recipe: Recipe, options: RunOptions): Promise<ReadonlyMap<string, NodeRecord>> {
  const { cache, hashes, engine, onEvent, signal } = options;
  await cache.open();
  await hashes.open();
  const records = new Map<string, NodeRecord>();
  const waiting = new Set(recipe.nodes);
  const running = new Map<string, Promise<void>>();
  const total = waiting.size;

  const settle = (node: GraphNode, state: NodeState, files: NodeRecord["files"]): void => {
    records.set(node.id, { node, state, files });
    onEvent?.({ kind: "end", node, state, done: records.size, total });
  };

  const perform = async (node: GraphNode): Promise<void> => {
    const addresses = new Map<string, string>();
    const inputs: JobInput[] = [];
    const files: { role: string; path: string; sha256: string }[] = [];
    for (const { role, from, optional } of node.inputs) {
      if ("file" in from) {
        for (const path of [from.file, ...(from.companions ?? [])]) {
          const sha256 = await hashes.of(path);
          files.push({ role, path, sha256 });
          addresses.set(`${role}:${addresses.size}`, sha256);
        }
        inputs.push({ role, file: from.file });
        continue;
      }
      const source = records.get(from.node)?.state;
      if (source?.kind === "ran" || source?.kind === "cached") {
        addresses.set(role, source.key);
        inputs.push({ role, key: source.key });
        continue;
      }
      const why =
        source?.kind === "failed" ? source.failure.message : source?.kind === "skipped" ? source.because : "not run";
      if (!optional) return settle(node, { kind: "skipped", because: why }, files);
      addresses.set(role, `absent: ${why}`);
      inputs.push({ role, absent: why });
    }
    const key = resultKey(node, addresses);
    const found = await cache.find(key);
    if (found) return settle(node, { kind: "cached", key, stored: found }, files);
    onEvent?.({ kind: "start", node });
    const { params, absent } = node.params as { params: unknown; absent: Record<string, string> };
    const outcome = await engine.run({ key, step: node.step, params, absent, inputs }, (fraction, note) =>
      onEvent?.(note === undefined ? { kind: "progress", node, fraction } : { kind: "progress", node, fraction, note }),
    );
    if (outcome.stored) settle(node, { kind: "ran", key, stored: outcome.stored }, files);
    else settle(node, { kind: "failed", failure: outcome.failure ?? { message: "no result" } }, files);
  };

  const attempt = (node: GraphNode): Promise<void> =>
    perform(node).catch((error: unknown) => settle(node, { kind: "failed", failure: failureOf(error) }, []));
  const interruption = signal && aborted(signal);
  const ready = (node: GraphNode): boolean => node.inputs.every(({ from }) => "file" in from || records.has(from.node));
  while (waiting.size > 0 || running.size > 0) {
    signal?.throwIfAborted();
    for (const node of waiting) {
      if (running.size >= engine.width) break;
      if (!ready(node)) continue;
      waiting.delete(node);
      const work = attempt(node).finally(() => running.delete(node.id));
      running.set(node.id, work);
    }
    await Promise.race([...running.values(), ...(interruption ? [interruption] : [])]);
  }
  await hashes.save();
  return new Map(recipe.nodes.map((node) => [node.id, records.get(node.id) as NodeRecord]));
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}
