/** The recording's events as an editable list; each change is saved as BIDS events. */
import type { SceneRecording, StationEvent } from "@quintet/view";
import { timeText } from "@quintet/view";
import { numberPattern, parseNumber } from "../state/parse-number.ts";
import { toOwn, toStudy } from "../state/study-time.ts";
import { useSession } from "../ui.tsx";
import { useWords } from "../words/index.ts";
import type { EventsDesk } from "./use-events.ts";

export function newEvent(recording: SceneRecording, time: number, type: string): StationEvent {
  return { onset: Math.round(toOwn(recording, time) * 1000) / 1000, duration: 0, type };
}

interface ListProps {
  readonly recording: SceneRecording;
  readonly events: EventsDesk;
  readonly chosen: number | null;
  readonly choose: (index: number | null) => void;
}

export function EventsList({ recording, events, chosen, choose }: ListProps): React.JSX.Element {
  const session = useSession();
  const words = useWords();
  const { table } = events;
  const can = session.scene.can.edit;
  const list = table?.events ?? [];
  const event = chosen === null ? undefined : list[chosen];
  const change = (part: Partial<StationEvent>): void =>
    void events.save(list.map((e, i) => (i === chosen ? { ...e, ...part } : e)));
  return (
    <aside className="events" aria-label={words.events}>
      <div className="head">
        <h3>{words.events}</h3>
        <button
          type="button"
          disabled={!can || !table}
          onClick={() =>
            void events.save([...list, newEvent(recording, session.store.get().time, "note")]).then(() => choose(null))
          }
        >
          + {words.addEvent}
        </button>
        <button
          type="button"
          disabled={!can || !table?.undo}
          aria-label={words.undoEdit}
          title={words.undoEdit}
          onClick={() => void events.turn("undo")}
        >
          ↶
        </button>
        <button
          type="button"
          disabled={!can || !table?.redo}
          aria-label={words.redoEdit}
          title={words.redoEdit}
          onClick={() => void events.turn("redo")}
        >
          ↷
        </button>
      </div>
      {events.fault !== undefined && (
        <p className="fault" role="alert">
          {events.fault}
        </p>
      )}
      <ol>
        {list.map((e, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: events carry no id; their place in the file is one
          <li key={i}>
            <button
              type="button"
              aria-pressed={i === chosen}
              onClick={() => {
                choose(i === chosen ? null : i);
                session.scrub(toStudy(recording, e.onset));
              }}
            >
              <span className="num">{timeText(toStudy(recording, e.onset), 0.01)}</span> {e.type}
            </button>
          </li>
        ))}
      </ol>
      {event && (
        <form
          className="edit"
          key={`${chosen} ${table?.version}`}
          onSubmit={(e) => {
            e.preventDefault();
            const form = new FormData(e.currentTarget);
            change({
              type: String(form.get("type")),
              onset: parseNumber(String(form.get("onset"))) ?? event.onset,
              duration: parseNumber(String(form.get("duration"))) ?? event.duration,
            });
          }}
        >
          <label>
            {words.eventType}
            <input name="type" defaultValue={event.type} disabled={!can} required />
          </label>
          <label>
            {words.onset} (s)
            <input
              name="onset"
              inputMode="decimal"
              pattern={numberPattern}
              defaultValue={event.onset}
              disabled={!can}
              required
            />
          </label>
          <label>
            {words.duration} (s)
            <input
              name="duration"
              inputMode="decimal"
              pattern={numberPattern}
              defaultValue={event.duration}
              disabled={!can}
              required
            />
          </label>
          <div className="row">
            <button type="submit" disabled={!can || events.saving}>
              {words.save}
            </button>
            <button
              type="button"
              disabled={!can || events.saving}
              onClick={() => void events.save(list.filter((_, i) => i !== chosen)).then(() => choose(null))}
            >
              {words.deleteEvent}
            </button>
            {!can && <span className="soft">{words.readOnly}</span>}
          </div>
        </form>
      )}
    </aside>
  );
}
