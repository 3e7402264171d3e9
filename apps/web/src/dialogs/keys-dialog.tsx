import { useState } from "react";
import type { ActionName } from "../actions.ts";
import { defaultKeys } from "../actions.ts";
import type { Keys } from "../keys.ts";
import { keyName } from "../keys.ts";
import { useWords } from "../words/index.ts";
import { Modal } from "./modal.tsx";

interface KeysProps {
  readonly keys: Keys;
  readonly change: (keys: Keys) => void;
  readonly close: () => void;
}

const alone = ["Control", "Shift", "Alt", "Meta", "Tab", "Escape"];

/** Every command's key, changed by pressing another one; a key taken over leaves its old command without. */
export function KeysDialog({ keys, change, close }: KeysProps): React.JSX.Element {
  const words = useWords();
  const [waiting, wait] = useState<ActionName | null>(null);
  return (
    <Modal title={words.keys} close={close}>
      <table className="keytable">
        <tbody>
          {(Object.keys(defaultKeys) as ActionName[]).map((name) => (
            <tr key={name}>
              <th scope="row">{words.actions[name]}</th>
              <td>
                <button
                  type="button"
                  aria-label={`${words.keyFor}: ${words.actions[name]}`}
                  onClick={() => wait(name)}
                  onBlur={() => wait(null)}
                  onKeyDown={(e) => {
                    if (waiting !== name || alone.includes(e.key)) return;
                    e.preventDefault();
                    e.stopPropagation();
                    const key = keyName(e.nativeEvent);
                    const others = Object.fromEntries(Object.entries(keys).map(([n, k]) => [n, k === key ? "" : k]));
                    change({ ...(others as Keys), [name]: key });
                    wait(null);
                  }}
                >
                  {waiting === name ? words.pressKey : keys[name] || "–"}
                </button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <button type="button" onClick={() => change(defaultKeys)}>
        {words.resetKeys}
      </button>
    </Modal>
  );
}
