import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { loopback } from "@quintet/live";
import { openStation, type Station } from "@quintet/pipeline";
import type { RunCommand } from "@quintet/server";
import { type Command, UsageError, wholeNumber } from "../command.ts";
import { interruption } from "../interruption.ts";
import { openBrowser } from "../open-browser.ts";
import { interfacesOf, networkOptions, peersOf } from "./live/network.ts";

export const view: Command = {
  name: "view",
  usage: "quintet view STUDY_OR_DERIVATIVES",
  summary: "See all five modalities at once, in one head and on one clock",
  description: `Opens the workstation in the browser: a page on 127.0.0.1 whose address carries a token. Nobody without the address gets
in, and nothing leaves the machine. A study that was run is shown with its results; one that was not, as it was measured; a single
image or recording opens too, and files dropped on the page. Ctrl-C ends it.

Exit code: 0 ended, 1 it cannot be read or the port cannot be opened, 2 wrong usage.

Example: quintet view ~/study`,
  options: {
    port: { type: "string", value: "N", help: "Port of the page (default: any free one)" },
    "no-open": { type: "boolean", help: "Print the address and open no browser" },
    out: {
      type: "string",
      value: "FOLDER",
      help: "The derivatives, where they are neither in the study nor beside it",
    },
    recordings: {
      type: "string",
      value: "FOLDER",
      help: "Where live streams are recorded; without it the page only shows them",
    },
    ...networkOptions,
    "participant-label": {
      type: "string",
      multiple: true,
      value: "LABEL",
      help: "Only these people (repeat for more)",
    },
  },
  async run(call) {
    const { positionals, text, texts, flag } = call;
    const [given, ...more] = positionals;
    if (given === undefined || more.length > 0)
      throw new UsageError(
        "view takes one study, derivatives folder or file. Usage: quintet view STUDY_OR_DERIVATIVES",
      );
    const [port, out] = [text("port"), text("out")];
    using stop = interruption("ended");
    const recordings = text("recordings");
    if (recordings !== undefined) await mkdir(recordings, { recursive: true });
    await using station = await openStation(given, {
      ...(out === undefined ? {} : { out }),
      canRun: true,
      canRecord: recordings !== undefined,
      participants: texts("participant-label")
        .flatMap((label) => label.split(/[\s,]+/))
        .map((label) => label.replace(/^sub-/, ""))
        .filter(Boolean),
    });
    // Threads load and files are read while the browser starts; what is wrong with them is told when the page asks.
    void station.scene(undefined, "first").catch(() => undefined);
    // Loaded here alone: no other command needs a server.
    const { startServer } = await import("@quintet/server");
    const page = pageFolder();
    await using server = await startServer({
      station,
      ...(station.places.study === undefined ? {} : { run: runCommand(station) }),
      live: {
        interfaces: interfacesOf(call, loopback),
        ...peersOf(call),
        ...(recordings === undefined ? {} : { recordings }),
      },
      ...(page === undefined ? {} : { page }),
      ...(port === undefined ? {} : { port: wholeNumber("port", port, 1, 65_535) }),
    });
    const shown = !flag("no-open") && (await openBrowser(server.once()));
    console.log(`${shown ? "Opened in the browser; the address is" : "Open"} ${server.address}\nCtrl-C ends it.`);
    if (!stop.signal.aborted) await once(stop.signal, "abort");
    return 0;
  },
};

/** This command line itself, with what the last run of the person was asked with. */
function runCommand(station: Station): RunCommand {
  return {
    program: process.execPath,
    before: process.argv.slice(1, 2),
    args: async (subject) => ["run", ...(await station.runWords(subject)), "--json"],
  };
}

/** The built page: beside the bundle, or where the repository builds it. */
function pageFolder(): string | undefined {
  const here = dirname(fileURLToPath(import.meta.url));
  const candidates = [join(here, "web"), join(here, "..", "..", "..", "web", "dist")];
  return candidates.find((folder) => existsSync(join(folder, "index.html")));
}
