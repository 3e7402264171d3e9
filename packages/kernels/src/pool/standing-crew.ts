/** A crew that is kept between calls: starting threads takes longer than a map of parameters. */
import { sharedModules } from "../wasm/wasm.ts";
import { Crew, crewThreads } from "./crew.ts";

interface Kept {
  readonly crew: Crew;
  readonly modules: readonly object[];
  /** Memory that calls use one after the other. */
  at: number;
  bytes: number;
}

let kept: Kept | undefined;

/**
 * The crew and `bytes` of memory in it, the same for every call: what a call leaves there is gone with the next.
 * @returns undefined where the kernel is not registered
 */
export function standingCrew(kernel: string, bytes: number): { readonly crew: Crew; readonly at: number } | undefined {
  const modules = sharedModules();
  if (!modules.some(([name]) => name === kernel)) return undefined;
  const same = kept?.modules.length === modules.length && modules.every(([, m], i) => kept?.modules[i] === m);
  if (!kept || !same || kept.crew.threads !== Math.max(1, crewThreads())) {
    kept?.crew.close();
    kept = { crew: new Crew(crewThreads()), modules: modules.map(([, module]) => module), at: 0, bytes: 0 };
  }
  if (kept.bytes < bytes) {
    kept.at = kept.crew.room(bytes);
    kept.bytes = bytes;
  }
  return { crew: kept.crew, at: kept.at };
}
