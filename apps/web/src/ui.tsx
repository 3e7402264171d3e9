/** Ties React to the session: components re-render when the state, or the data under it, changed. */
import { createContext, useContext, useEffect, useReducer, useRef, useSyncExternalStore } from "react";
import type { Desk } from "./actions.ts";
import type { Session } from "./session.ts";
import type { ViewState } from "./state/view-state.ts";

export const DeskContext: React.Context<Desk | undefined> = createContext<Desk | undefined>(undefined);

export function useDesk(): Desk {
  const desk = useContext(DeskContext);
  if (!desk) throw new Error("no study is open");
  return desk;
}

export const useSession = (): Session => useDesk().session;

/** A part of the state; the component follows when that part is another. */
export function useView<T>(select: (state: ViewState) => T): T {
  const { store } = useSession();
  return useSyncExternalStore(store.subscribe, () => select(store.get()));
}

/** Re-renders at most once per frame while data arrives or the state changes. */
export function useFrame(): void {
  const session = useSession();
  const [, again] = useReducer((n: number) => n + 1, 0);
  useEffect(() => {
    let asked = 0;
    const ask = (): void => {
      asked ||= requestAnimationFrame(() => {
        asked = 0;
        again();
      });
    };
    const stops = [session.onChange(ask), session.store.subscribe(ask)];
    return () => {
      cancelAnimationFrame(asked);
      for (const stop of stops) stop();
    };
  }, [session]);
}

/** The element's size in CSS pixels, told at once and whenever it changes. */
export function useSize(onSize: (width: number, height: number) => void): React.RefObject<HTMLDivElement | null> {
  const ref = useRef<HTMLDivElement>(null);
  const latest = useRef(onSize);
  latest.current = onSize;
  useEffect(() => {
    const element = ref.current;
    if (!element) return;
    const watch = new ResizeObserver(([entry]) => {
      if (entry) latest.current(Math.floor(entry.contentRect.width), Math.floor(entry.contentRect.height));
    });
    watch.observe(element);
    return () => watch.disconnect();
  }, []);
  return ref;
}
