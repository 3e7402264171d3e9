/** The whole desk of one opened study: bar, images, side panels, time. */
import { useEffect, useMemo, useRef, useState, useSyncExternalStore } from "react";
import type { Desk } from "../actions.ts";
import { KeysDialog } from "../dialogs/keys-dialog.tsx";
import { Palette } from "../dialogs/palette.tsx";
import { TimeDialog } from "../dialogs/time-dialog.tsx";
import { saveFilm, savePicture } from "../export.ts";
import { attachKeys, readKeys, writeKeys } from "../keys.ts";
import type { Session } from "../session.ts";
import { newEvent } from "../time/events-list.tsx";
import { TimePanel } from "../time/time-panel.tsx";
import { useEvents } from "../time/use-events.ts";
import { DeskContext } from "../ui.tsx";
import { useWords } from "../words/index.ts";
import { DropZone } from "./drop-zone.tsx";
import { SidePanel } from "./side-panel.tsx";
import { StageView } from "./stage-view.tsx";
import { TopBar } from "./top-bar.tsx";

interface WorkstationProps {
  readonly session: Session;
  readonly open: (subject?: string) => void;
  readonly nextLanguage: () => void;
}

export function Workstation({ session, open, nextLanguage }: WorkstationProps): React.JSX.Element {
  const words = useWords();
  const [dialog, setDialog] = useState<"palette" | "keys" | "time" | null>(null);
  const [said, say] = useState("");
  const [keys, setKeys] = useState(readKeys);
  const { recording } = session.store.get();
  const [shown, setShown] = useState(recording);
  useEffect(() => session.store.subscribe(() => setShown(session.store.get().recording)), [session]);
  const scene = useSyncExternalStore(
    (changed) => session.onChange(changed),
    () => session.scene,
  );
  const events = useEvents(scene.recordings.find(({ id }) => id === shown));
  const current = useRef({ events, words });
  current.current = { events, words };

  // A new desk when the rest of the scene has come: all that shows a part of it follows.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the scene is read through the session
  const desk = useMemo((): Desk => {
    const tell = (text: string): void => {
      say(text);
      setTimeout(() => say((now) => (now === text ? "" : now)), 4000);
    };
    return {
      session,
      pane: { index: 0 },
      goTo: () => setDialog("time"),
      palette: () => setDialog("palette"),
      keys: () => setDialog("keys"),
      language: nextLanguage,
      exportPng: () => void savePicture(session),
      exportWebm: () => {
        tell(current.current.words.exporting);
        saveFilm(session).catch(() => tell(current.current.words.noWebm));
      },
      addEvent: () => {
        const { table, save } = current.current.events;
        const { scene, store } = session;
        const target = scene.recordings.find(({ id }) => id === store.get().recording);
        if (!table || !target || !scene.can.edit) return;
        void save([...table.events, newEvent(target, store.get().time, "note")]).then(() =>
          tell(current.current.words.eventsSaved),
        );
      },
      save: () =>
        void session.saveLayout().then(
          () => tell(current.current.words.savedLayout),
          (why: Error) => tell(why.message),
        ),
    };
  }, [session, scene, nextLanguage]);

  useEffect(() => attachKeys(desk, keys), [desk, keys]);
  const close = (): void => setDialog(null);
  return (
    <DeskContext value={desk}>
      <div className="desk">
        <TopBar open={open} />
        <StageView />
        <SidePanel open={open} />
        <TimePanel events={events} />
      </div>
      <DropZone />
      <p className={said ? "toast" : "toast empty"} role="status">
        {said}
      </p>
      {dialog === "palette" && <Palette keys={keys} close={close} />}
      {dialog === "time" && <TimeDialog close={close} />}
      {dialog === "keys" && (
        <KeysDialog
          keys={keys}
          change={(next) => {
            writeKeys(next);
            setKeys(next);
          }}
          close={close}
        />
      )}
    </DeskContext>
  );
}
