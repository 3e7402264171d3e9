/** A recipe: a list of nodes, each a step with parameters and inputs from files or from earlier nodes. */
import { DataError } from "@quintet/core";
import type { Absent, Step } from "./step.ts";

/** The output of a node; `T` is only in the type. */
export interface Ref<T> {
  readonly node: string;
  readonly output?: T;
}

/** A file of the study, by absolute path; the step receives the path. Companions count for its hash. */
export interface FileInput {
  readonly file: string;
  /** Further files the step reads along with it (sidecars, .fdt). */
  readonly companions?: readonly string[];
}

export interface GraphInput {
  readonly role: string;
  readonly from: { readonly node: string } | FileInput;
  readonly optional: boolean;
}

export interface GraphNode {
  readonly id: string;
  readonly step: string;
  readonly version: number;
  readonly title: string;
  readonly params: unknown;
  readonly inputs: readonly GraphInput[];
}

/** What may stand for an input of type `V`: a node's output, or a file where the step wants a path. */
type Source<V> = Ref<V> | (V extends string ? FileInput : never);
/** Inputs whose type admits `Absent` may be left out, and the step still runs when they fail. */
export type Sources<I> = {
  readonly [K in keyof I]: Source<Exclude<I[K], Absent>> | (Absent extends I[K] ? Absent : never);
};

export class Recipe {
  readonly #nodes = new Map<string, GraphNode>();

  get nodes(): readonly GraphNode[] {
    return [...this.#nodes.values()];
  }

  /**
   * Adds a node; returns a reference to its output.
   * @param optional roles that may be missing: the step then receives `{ absent: why }`
   * @throws DataError `duplicate-node`, `unknown-node`
   */
  add<I extends object, P, O>(
    id: string,
    step: Step<I, P, O>,
    params: P,
    sources: Sources<I>,
    optional: readonly (keyof I & string)[] = [],
  ): Ref<O> {
    if (this.#nodes.has(id)) throw new DataError("duplicate-node", `two nodes are called ${id}`);
    const absent: Record<string, string> = {};
    const inputs: GraphInput[] = [];
    for (const [role, source] of Object.entries(sources) as [string, Ref<unknown> | FileInput | Absent][]) {
      const mayBeMissing = optional.includes(role as keyof I & string);
      if ("absent" in source) absent[role] = source.absent;
      else if ("file" in source) inputs.push({ role, from: source, optional: mayBeMissing });
      else {
        if (!this.#nodes.has(source.node)) throw new DataError("unknown-node", `${id} asks for ${source.node}`);
        inputs.push({ role, from: { node: source.node }, optional: mayBeMissing });
      }
    }
    const { name, version, title } = step;
    this.#nodes.set(id, { id, step: name, version, title, params: { params, absent }, inputs });
    return { node: id };
  }
}
