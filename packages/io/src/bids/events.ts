/** events.tsv: what happened when, on the clock of the recording it belongs to. */
import { DataError, type Event, type Events } from "@quintet/core";
import { cell, notAvailable, numberCell, readTsv, requireColumns, writeTsv } from "./tsv.ts";

export interface EventsOptions {
  readonly file: string;
  /** Name of the clock: onset 0 is the first sample (or volume) of the recording the table belongs to. */
  readonly clock: string;
  /** Between channel names in the column `channel`; the side file's `Delimiter`. */
  readonly delimiter?: string;
}

/**
 * Events of a BIDS table: onset and duration in seconds, trial_type, value, channel.
 * `type` is trial_type, or the text of `value` where the table has no trial_type; duration n/a is 0.
 *
 * @throws DataError `missing-column`, `not-a-number`, `missing-onset`, `negative-duration` and those of `readTsv`
 */
export function readEventsTsv(text: string, { file, clock, delimiter = "," }: EventsOptions): Events {
  const table = readTsv(text, file);
  requireColumns(table, ["onset"]);
  const list = table.rows.map((_, row): Event => {
    const onset = numberCell(table, row, "onset");
    if (onset === undefined) {
      throw new DataError("missing-onset", `line ${row + 2} has no onset`, { file, expected: "seconds", found: "n/a" });
    }
    const length = numberCell(table, row, "duration") ?? 0;
    if (length < 0) {
      throw new DataError("negative-duration", `line ${row + 2} ends before it starts`, {
        file,
        expected: "duration >= 0 s",
        found: `${length} s`,
      });
    }
    const said = cell(table, row, "value");
    const value = said !== undefined && /^[+-]?\d+(\.\d+)?$/.test(said) ? Number(said) : undefined;
    const channels = cell(table, row, "channel")
      ?.split(delimiter)
      .map((name) => name.trim())
      .filter(Boolean);
    return {
      onset,
      duration: length,
      type: cell(table, row, "trial_type") ?? said ?? notAvailable,
      ...(value === undefined ? {} : { value }),
      ...(channels === undefined ? {} : { channels }),
    };
  });
  return { clock, list };
}

/** The table of some events, in order of onset. */
export function writeEventsTsv(events: Events): string {
  const list = events.list.toSorted((a, b) => a.onset - b.onset);
  const withValue = list.some((event) => event.value !== undefined);
  const withChannel = list.some((event) => event.channels !== undefined);
  return writeTsv(
    ["onset", "duration", "trial_type", ...(withValue ? ["value"] : []), ...(withChannel ? ["channel"] : [])],
    list.map((event) => [
      event.onset,
      event.duration,
      event.type,
      ...(withValue ? [event.value] : []),
      ...(withChannel ? [event.channels?.join(",")] : []),
    ]),
  );
}

/** What the columns of an events table mean: its JSON side file. */
export function eventsSidecar(events: Events): Record<string, unknown> {
  return {
    onset: { Description: "Time from the first sample of the recording", Units: "s" },
    duration: { Description: "Length of the event; 0 for an instant", Units: "s" },
    trial_type: { Description: "Kind of event" },
    ...(events.list.some((e) => e.value !== undefined) ? { value: { Description: "Trigger value" } } : {}),
    ...(events.list.some((e) => e.channels) ? { channel: { Description: "Channels concerned", Delimiter: "," } } : {}),
  };
}
