/** The BIDS events of a recording: read, changed with a version so that no other edit is overwritten, undone on the server. */
import type { EventsTable, SceneRecording, StationEvent } from "@quintet/view";
import { useCallback, useEffect, useState } from "react";
import { getJson, sendJson } from "../data/api.ts";

export interface EventsDesk {
  readonly table: EventsTable | undefined;
  readonly fault: string | undefined;
  readonly saving: boolean;
  save(events: readonly StationEvent[]): Promise<void>;
  /** Takes the last saved edit back, or does it again. */
  turn(direction: "undo" | "redo"): Promise<void>;
}

export function useEvents(recording: SceneRecording | undefined): EventsDesk {
  const [table, setTable] = useState<EventsTable>();
  const [fault, setFault] = useState<string>();
  const [saving, setSaving] = useState(false);
  const address = recording?.eventsUrl;

  useEffect(() => {
    if (address === undefined) return;
    let left = false;
    setTable(undefined);
    getJson<EventsTable>(address).then(
      (answer) => {
        if (!left) [setTable(answer), setFault(undefined)];
      },
      (why: Error) => {
        if (!left) setFault(why.message);
      },
    );
    return () => {
      left = true;
    };
  }, [address]);

  const ask = useCallback(
    async (body: unknown, method: "PUT" | "POST") => {
      if (address === undefined) return;
      setSaving(true);
      try {
        setTable(await sendJson<EventsTable>(address, method, body));
        setFault(undefined);
      } catch (why) {
        setFault(why instanceof Error ? why.message : String(why));
        // Someone else may have saved meanwhile: show what is there now.
        setTable(await getJson<EventsTable>(address).catch(() => undefined));
      } finally {
        setSaving(false);
      }
    },
    [address],
  );

  return {
    table,
    fault,
    saving,
    save: (events) => ask({ version: table?.version, events }, "PUT"),
    turn: (direction) => ask({ do: direction, version: table?.version }, "POST"),
  };
}
