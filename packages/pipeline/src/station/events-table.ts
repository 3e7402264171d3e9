/** events.tsv as the page edits it: known columns as numbers and words, every other column kept as it was written. */
import { DataError } from "@quintet/core";
import { cell, numberCell, readTsv, writeTsv } from "@quintet/io";
import type { StationEvent } from "@quintet/view";

const known = ["onset", "duration", "trial_type", "value", "channel"];
const longestType = 200;
const mostEvents = 200_000;

/** @throws DataError those of readTsv; `missing-column`, `not-a-number`, `missing-onset`, `negative-duration` */
export function parseEvents(text: string, file: string, delimiter: string): readonly StationEvent[] {
  const table = readTsv(text, file);
  if (!table.columns.includes("onset"))
    throw new DataError("missing-column", "a table of events has the column onset", { file });
  const others = table.columns.filter((column) => !known.includes(column));
  return table.rows.map((_, row): StationEvent => {
    const onset = numberCell(table, row, "onset");
    const duration = numberCell(table, row, "duration") ?? 0;
    if (onset === undefined) throw new DataError("missing-onset", `line ${row + 2} has no onset`, { file });
    if (duration < 0) throw new DataError("negative-duration", `line ${row + 2} ends before it starts`, { file });
    const value = cell(table, row, "value");
    const number = value !== undefined && /^[+-]?\d+(\.\d+)?$/.test(value) ? Number(value) : undefined;
    const channels = cell(table, row, "channel")
      ?.split(delimiter)
      .map((name) => name.trim())
      .filter(Boolean);
    // A value in words is kept in its column as an extra.
    const words = value !== undefined && number === undefined ? [["value", value] as const] : [];
    const extra = [
      ...words,
      ...others.flatMap((column) => {
        const told = cell(table, row, column);
        return told === undefined ? [] : [[column, told] as const];
      }),
    ];
    return {
      onset,
      duration,
      type: cell(table, row, "trial_type") ?? value ?? "n/a",
      ...(number === undefined ? {} : { value: number }),
      ...(channels === undefined ? {} : { channels }),
      ...(extra.length > 0 ? { extra: Object.fromEntries(extra) } : {}),
    };
  });
}

/** In order of onset; columns of `before` stay where they were, new ones follow. */
export function formatEvents(events: readonly StationEvent[], before: readonly string[], delimiter: string): string {
  const extras = new Set(events.flatMap(({ extra }) => Object.keys(extra ?? {})));
  const needed = [
    "onset",
    "duration",
    "trial_type",
    ...(events.some(({ value }) => value !== undefined) ? ["value"] : []),
    ...(events.some(({ channels }) => channels !== undefined) ? ["channel"] : []),
    ...extras,
  ];
  const columns = [...before, ...needed.filter((column) => !before.includes(column))];
  const sorted = events.toSorted((a, b) => a.onset - b.onset);
  return writeTsv(
    columns,
    sorted.map(({ onset, duration, type, value, channels, extra }) =>
      columns.map((column) => {
        if (column === "onset") return onset;
        if (column === "duration") return duration;
        if (column === "trial_type") return type;
        if (column === "value" && value !== undefined) return value;
        if (column === "channel") return channels?.join(delimiter);
        return extra !== undefined && Object.hasOwn(extra, column) ? extra[column] : undefined;
      }),
    ),
  );
}

export interface EventRules {
  /** Of the recording, s on its clock; an event that is new or moved lies in it. */
  readonly start: number;
  readonly end: number;
  readonly channels: ReadonlySet<string>;
  readonly delimiter: string;
  /** What the table holds now: an event of it may stay where it is. */
  readonly before: readonly StationEvent[];
}

/**
 * The events of a request, if they are what a table of this recording can hold.
 *
 * @throws DataError `bad-events`, `bad-onset`, `bad-duration`, `bad-type`, `bad-value`, `other-recording` (a channel it does not have)
 */
export function checkedEvents(
  asked: unknown,
  { start, end, channels, delimiter, before }: EventRules,
): readonly StationEvent[] {
  if (!Array.isArray(asked) || asked.length > mostEvents)
    throw new DataError("bad-events", "a table is a list of events", { expected: `at most ${mostEvents}` });
  const stay = new Set(before.map(({ onset }) => onset));
  return asked.map((one: unknown, k): StationEvent => {
    const refuse = (code: string, message: string, found: unknown): never => {
      throw new DataError(code, `event ${k + 1}: ${message}`, {
        found: (JSON.stringify(found) ?? "nothing").slice(0, 80),
      });
    };
    if (typeof one !== "object" || one === null) return refuse("bad-events", "an event is an object", one);
    const { onset, duration, type, value, channels: named, extra } = one as Readonly<Record<string, unknown>>;
    if (typeof onset !== "number" || !Number.isFinite(onset))
      return refuse("bad-onset", "the onset is a number of seconds", onset);
    if (!stay.has(onset) && !(onset >= start && onset <= end))
      return refuse("bad-onset", `the onset lies in the recording, ${start} to ${end} s`, onset);
    if (typeof duration !== "number" || !(duration >= 0 && Number.isFinite(duration)))
      return refuse("bad-duration", "the duration is 0 or more seconds", duration);
    if (typeof type !== "string" || !isCell(type) || type.length > longestType)
      return refuse("bad-type", "the kind of event is one line of text", type);
    if (value !== undefined && !(typeof value === "number" && Number.isFinite(value)))
      return refuse("bad-value", "the value is a number", value);
    if (
      named !== undefined &&
      !(
        Array.isArray(named) &&
        named.length > 0 &&
        named.every((name) => typeof name === "string" && !name.includes(delimiter))
      )
    )
      return refuse("bad-events", "channels are a list of names", named);
    const stranger = (named as readonly string[] | undefined)?.find((name) => !channels.has(name));
    if (stranger !== undefined) return refuse("other-recording", "this recording has no such channel", stranger);
    const further = Object.entries((extra ?? {}) as object);
    const wrong = further.find(
      ([column, text]) =>
        !/^[^\t\r\n]{1,100}$/.test(column) ||
        (known.includes(column) && column !== "value") ||
        typeof text !== "string" ||
        !isCell(text),
    );
    if (typeof (extra ?? {}) !== "object" || wrong) return refuse("bad-events", "further columns are text", extra);
    return {
      onset,
      duration,
      type,
      ...(value === undefined ? {} : { value }),
      ...(named === undefined ? {} : { channels: named as readonly string[] }),
      ...(further.length > 0 ? { extra: Object.fromEntries(further) as Record<string, string> } : {}),
    };
  });
}

/** One cell of a table: text without tabs and line ends, and some of it. */
function isCell(text: string): boolean {
  return /^[^\t\r\n]*\S[^\t\r\n]*$/.test(text);
}
