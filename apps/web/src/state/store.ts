/**
 * The one state of the page with its history. What follows a pointer (one drag) is one step of undo: changes under the
 * same `gesture` replace each other until another gesture or a pause.
 */
import type { ViewState } from "./view-state.ts";

const pause = 1000;
const remembered = 200;

export interface Store {
  get(): ViewState;
  /** @param gesture changes with the same name in quick succession are one step */
  set(change: Partial<ViewState> | ((state: ViewState) => Partial<ViewState>), gesture?: string): void;
  undo(): void;
  redo(): void;
  readonly canUndo: boolean;
  readonly canRedo: boolean;
  /** Replaces everything and forgets the history: another person was opened. */
  reset(state: ViewState): void;
  subscribe(listener: () => void): () => void;
}

export function createStore(first: ViewState, now: () => number = () => performance.now()): Store {
  let state = first;
  let past: ViewState[] = [];
  let future: ViewState[] = [];
  let last = { gesture: "", at: Number.NEGATIVE_INFINITY };
  const listeners = new Set<() => void>();
  const tell = (): void => {
    for (const listener of listeners) listener();
  };
  return {
    get: () => state,
    set(change, gesture = "") {
      const part = typeof change === "function" ? change(state) : change;
      const changed = Object.entries(part).some(([key, value]) => state[key as keyof ViewState] !== value);
      if (!changed) return;
      const joined = gesture !== "" && gesture === last.gesture && now() - last.at < pause;
      last = { gesture, at: now() };
      if (!joined) past = [...past.slice(1 - remembered), state];
      future = [];
      state = { ...state, ...part };
      tell();
    },
    undo() {
      const before = past.at(-1);
      if (!before) return;
      future = [state, ...future];
      past = past.slice(0, -1);
      state = before;
      last = { gesture: "", at: Number.NEGATIVE_INFINITY };
      tell();
    },
    redo() {
      const after = future[0];
      if (!after) return;
      past = [...past, state];
      future = future.slice(1);
      state = after;
      tell();
    },
    get canUndo() {
      return past.length > 0;
    },
    get canRedo() {
      return future.length > 0;
    },
    reset(fresh) {
      [state, past, future] = [fresh, [], []];
      tell();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
