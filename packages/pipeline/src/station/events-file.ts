/** events.tsv on disk: read with its version, saved whole or not at all, and a history beside it that outlives the page. */
import { createHash } from "node:crypto";
import { readFile, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { DataError } from "@quintet/core";
import { readTsv } from "@quintet/io";
import { writeFileAtomic } from "@quintet/io/node";
import type { EventsTable, StationEvent } from "@quintet/view";
import { checkedEvents, type EventRules, formatEvents, parseEvents } from "./events-table.ts";
import { inTurn } from "./in-turn.ts";

/** What the events of one recording are saved to. */
export interface EventsPlace extends Pick<EventRules, "start" | "end" | "channels"> {
  /** events.tsv, there or not. */
  readonly path: string;
  /** Events the recording itself marks: shown while there is no table. */
  readonly own: readonly StationEvent[];
}

interface History {
  /** Hash of the table the history leads to; another content and it is void. */
  readonly current: string;
  /** Tables before and after, newest last; null: there was none. */
  readonly undo: readonly (string | null)[];
  readonly redo: readonly (string | null)[];
}

const mostSteps = 100;
const mostHistoryBytes = 16 * 2 ** 20;

/** @throws DataError those of parseEvents */
export async function readEvents(place: EventsPlace): Promise<EventsTable> {
  return tableOf(place, await textOf(place.path));
}

/**
 * Saves a table in place of the one that was read.
 *
 * @param version as `readEvents` gave it
 * @throws DataError `version-conflict` when the table has changed since, those of checkedEvents
 */
export function saveEvents(place: EventsPlace, version: unknown, events: unknown): Promise<EventsTable> {
  return inTurn(place.path, async () => {
    const before = await expected(place, version);
    const delimiter = await delimiterOf(place.path);
    const now = before === null ? place.own : parseEvents(before, place.path, delimiter);
    const checked = checkedEvents(events, { ...place, delimiter, before: now });
    const columns = before === null ? [] : readTsv(before, place.path).columns;
    const text = formatEvents(checked, columns, delimiter);
    if (text === before) return tableOf(place, before);
    const { undo } = await historyOf(place.path, before);
    await write(place.path, text, { undo: [...undo, before], redo: [] });
    return tableOf(place, text);
  });
}

/** @throws DataError `version-conflict`, `nothing-to-undo`, `nothing-to-redo` */
export function stepEvents(place: EventsPlace, version: unknown, back: boolean): Promise<EventsTable> {
  return inTurn(place.path, async () => {
    const before = await expected(place, version);
    const { undo, redo } = await historyOf(place.path, before);
    const from = back ? undo : redo;
    const text = from.at(-1);
    if (text === undefined)
      throw new DataError(
        back ? "nothing-to-undo" : "nothing-to-redo",
        back ? "nothing was saved here that could be taken back" : "nothing was taken back",
      );
    const rest = from.slice(0, -1);
    await write(
      place.path,
      text,
      back ? { undo: rest, redo: [...redo, before] } : { undo: [...undo, before], redo: rest },
    );
    return tableOf(place, text);
  });
}

async function tableOf(place: EventsPlace, text: string | null): Promise<EventsTable> {
  const { undo, redo } = await historyOf(place.path, text);
  return {
    version: versionOf(place.path, text),
    events: text === null ? place.own : parseEvents(text, place.path, await delimiterOf(place.path)),
    undo: undo.length,
    redo: redo.length,
  };
}

/** The text now, if it is the one the asker knows. */
async function expected(place: EventsPlace, version: unknown): Promise<string | null> {
  const text = await textOf(place.path);
  if (version !== versionOf(place.path, text))
    throw new DataError("version-conflict", "the table has changed since it was read; read it again", {
      file: basename(place.path),
    });
  return text;
}

/** The file's name is in it: the version of one recording's table is none of another's. */
function versionOf(path: string, text: string | null): string {
  return createHash("sha256")
    .update(`${path}\0${text === null ? "none" : `table ${text}`}`)
    .digest("hex")
    .slice(0, 32);
}

async function textOf(path: string): Promise<string | null> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw new DataError("unreadable", "the table of events cannot be read", { file: path, cause: error });
  }
}

/** Hidden, so that no reader of the data set takes it for data. */
const historyPath = (path: string): string => join(dirname(path), `.${basename(path, ".tsv")}.history.json`);

async function historyOf(path: string, text: string | null): Promise<Pick<History, "undo" | "redo">> {
  const none = { undo: [], redo: [] };
  try {
    const history = JSON.parse(await readFile(historyPath(path), "utf8")) as History;
    const isOurs =
      history.current === versionOf(path, text) &&
      [history.undo, history.redo].every(
        (list) => Array.isArray(list) && list.every((one) => one === null || typeof one === "string"),
      );
    return isOurs ? history : none;
  } catch {
    return none;
  }
}

/**
 * History first: if the machine stops between the two, the history is of a table that is not there and counts for
 * nothing; the table itself is the old or the new one, whole.
 */
async function write(path: string, text: string | null, { undo, redo }: Pick<History, "undo" | "redo">): Promise<void> {
  const [back, on] = [undo, redo].map((list) => recent(list)) as [History["undo"], History["redo"]];
  await writeFileAtomic(
    historyPath(path),
    JSON.stringify({ current: versionOf(path, text), undo: back, redo: on } satisfies History),
  );
  if (text === null) await rm(path, { force: true });
  else await writeFileAtomic(path, text);
}

function recent(list: readonly (string | null)[]): readonly (string | null)[] {
  let bytes = 0;
  const kept: (string | null)[] = [];
  for (const text of list.slice(-mostSteps).reverse()) {
    bytes += text?.length ?? 0;
    if (bytes > mostHistoryBytes) break;
    kept.unshift(text);
  }
  return kept;
}

/** What parts channel names, as the side file of the table says. */
async function delimiterOf(path: string): Promise<string> {
  try {
    const told = JSON.parse(await readFile(path.replace(/\.tsv$/, ".json"), "utf8")) as {
      readonly channel?: { readonly Delimiter?: unknown };
    };
    const { Delimiter } = told.channel ?? {};
    return typeof Delimiter === "string" && Delimiter.length === 1 ? Delimiter : ",";
  } catch {
    return ",";
  }
}
