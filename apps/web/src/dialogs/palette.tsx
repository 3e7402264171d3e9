import { useState } from "react";
import type { ActionName } from "../actions.ts";
import { changeLayer, defaultKeys, runAction } from "../actions.ts";
import type { Keys } from "../keys.ts";
import { stackOrder } from "../state/picture-of.ts";
import type { PanelName } from "../state/view-state.ts";
import { useDesk } from "../ui.tsx";
import { useWords } from "../words/index.ts";
import { Modal } from "./modal.tsx";

interface Entry {
  readonly id: string;
  readonly text: string;
  readonly key?: string;
  readonly run: () => void;
}

/** All commands by name: actions, layers, panels, recordings. Ctrl-K, a few letters, Enter. */
export function Palette({ keys, close }: { readonly keys: Keys; readonly close: () => void }): React.JSX.Element {
  const desk = useDesk();
  const words = useWords();
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const { scene, store } = desk.session;
  const entries: readonly Entry[] = [
    ...(Object.keys(defaultKeys) as ActionName[])
      .filter((name) => name !== "palette" && name !== "blink")
      .map(
        (name): Entry => ({ id: name, text: words.actions[name], key: keys[name], run: () => runAction(name, desk) }),
      ),
    ...(Object.keys(words.panels) as PanelName[]).map(
      (name): Entry => ({ id: `panel ${name}`, text: words.panels[name], run: () => store.set({ panel: name }) }),
    ),
    ...stackOrder(scene).map(
      ({ id, name }): Entry => ({
        id: `layer ${id}`,
        text: `${words.visible}: ${name}`,
        run: () => changeLayer(desk.session, id, ({ visible }) => ({ visible: !visible })),
      }),
    ),
    ...scene.recordings.map(
      ({ id, name }): Entry => ({
        id: `rec ${id}`,
        text: `${words.recording}: ${name}`,
        run: () => desk.session.openRecording(id),
      }),
    ),
  ];
  const parts = text.toLowerCase().split(/\s+/).filter(Boolean);
  const found = entries.filter((entry) => parts.every((part) => entry.text.toLowerCase().includes(part)));
  const chosen = found[Math.min(at, found.length - 1)];
  const run = (entry: Entry | undefined): void => {
    if (!entry) return;
    close();
    // After the dialog is gone, so that what opens another one can.
    setTimeout(entry.run);
  };
  return (
    <Modal title={words.palette} close={close}>
      <input
        // biome-ignore lint/a11y/noAutofocus: the palette is opened to be typed into
        autoFocus
        type="text"
        role="combobox"
        aria-expanded="true"
        aria-controls="commands"
        aria-activedescendant={chosen ? `command-${found.indexOf(chosen)}` : undefined}
        placeholder={words.search}
        aria-label={words.search}
        value={text}
        onChange={(e) => {
          setText(e.target.value);
          setAt(0);
        }}
        onKeyDown={(e) => {
          if (e.key === "ArrowDown") setAt(Math.min(found.length - 1, at + 1));
          else if (e.key === "ArrowUp") setAt(Math.max(0, at - 1));
          else if (e.key === "Enter") run(chosen);
          else return;
          e.preventDefault();
        }}
      />
      <div id="commands" role="listbox" className="commands">
        {found.map((entry, i) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are those of the field above
          <div
            key={entry.id}
            id={`command-${i}`}
            role="option"
            tabIndex={-1}
            aria-selected={entry === chosen}
            ref={(node) => {
              if (entry === chosen) node?.scrollIntoView({ block: "nearest" });
            }}
            onClick={() => run(entry)}
          >
            {entry.text}
            {entry.key && <kbd>{entry.key}</kbd>}
          </div>
        ))}
        {found.length === 0 && <p className="soft">{words.noCommand}</p>}
      </div>
    </Modal>
  );
}
