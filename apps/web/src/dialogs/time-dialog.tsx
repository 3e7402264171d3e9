import { parseTime } from "@quintet/view";
import { useState } from "react";
import { shownVolumes } from "../state/picture-of.ts";
import { useSession } from "../ui.tsx";
import { useWords } from "../words/index.ts";
import { Modal } from "./modal.tsx";

/** Go to a time, or with f12 to a frame of the current layer (else of the first shown image that has frames). */
export function TimeDialog({ close }: { readonly close: () => void }): React.JSX.Element {
  const session = useSession();
  const words = useWords();
  const [text, setText] = useState("");
  const { scene, store } = session;
  const moving = shownVolumes(scene, store.get()).filter(({ frames }) => frames.length > 1);
  const volume = moving.find(({ id }) => id === store.get().current) ?? moving[0];
  const frame = /^f\s*(\d+)$/i.exec(text.trim())?.[1];
  const to = frame === undefined ? parseTime(text) : volume?.frames[Number(frame) - 1]?.start;
  return (
    <Modal title={words.goTo} close={close}>
      <form
        onSubmit={(e) => {
          e.preventDefault();
          if (to === undefined) return;
          session.scrub(to);
          close();
        }}
      >
        <input
          // biome-ignore lint/a11y/noAutofocus: the dialog is opened to be typed into
          autoFocus
          value={text}
          aria-label={words.goTo}
          aria-invalid={text !== "" && to === undefined}
          onChange={(e) => setText(e.target.value)}
        />
        <p className="soft">{words.goToHint}</p>
      </form>
    </Modal>
  );
}
