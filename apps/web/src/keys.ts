/** Keys and what they do; a reader's own choice is kept in this browser. */
import type { ActionName, Desk } from "./actions.ts";
import { defaultKeys, runAction, toggleNumbered } from "./actions.ts";

export type Keys = Readonly<Record<ActionName, string>>;

const kept = "quintet keys";

export function readKeys(): Keys {
  try {
    return { ...defaultKeys, ...(JSON.parse(localStorage.getItem(kept) ?? "{}") as Partial<Keys>) };
  } catch {
    return defaultKeys;
  }
}

export function writeKeys(keys: Keys): void {
  const own = Object.entries(keys).filter(([name, key]) => defaultKeys[name as ActionName] !== key);
  localStorage.setItem(kept, JSON.stringify(Object.fromEntries(own)));
}

/** "Ctrl+Shift+z", "ArrowLeft", "<". Shift is part of a letter's name with Ctrl only: without, the sign itself has it. */
export function keyName(event: KeyboardEvent): string {
  const control = event.ctrlKey || event.metaKey;
  const single = event.key.length === 1;
  const key = single && (control || /[A-Za-z]/.test(event.key)) ? event.key.toLowerCase() : event.key;
  const shift = event.shiftKey && (control || !single) ? "Shift+" : "";
  return `${control ? "Ctrl+" : ""}${shift}${key}`;
}

/** Where a key is text or moves a control, it is not a command. */
function typing(target: EventTarget | null, key: string): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.closest("dialog")) return true;
  if (target.matches("textarea, input:not([type=range]):not([type=checkbox])")) return !key.startsWith("Ctrl+");
  return (
    target.matches("select, input[type=range]") && /^(Arrow|Page|Home|End|.$)/.test(key) && !/^[\d,.<>]$/.test(key)
  );
}

export function attachKeys(desk: Desk, keys: Keys): () => void {
  const byKey = new Map(Object.entries(keys).map(([name, key]) => [key, name as ActionName]));
  const down = (event: KeyboardEvent): void => {
    const key = keyName(event);
    if (event.altKey || typing(event.target, key)) return;
    // In a table or list the arrows and pages scroll it, as everywhere.
    const name = byKey.get(key);
    if (name) {
      if (name === "blink" && event.repeat) return;
      event.preventDefault();
      runAction(name, desk);
    } else if (/^[1-9]$/.test(key)) toggleNumbered(desk.session, Number(key));
  };
  const up = (event: KeyboardEvent): void => {
    if (keyName(event) === keys.blink) desk.session.blink = false;
  };
  window.addEventListener("keydown", down);
  window.addEventListener("keyup", up);
  return () => {
    window.removeEventListener("keydown", down);
    window.removeEventListener("keyup", up);
  };
}
