import { once } from "node:events";
import { mkdir } from "node:fs/promises";
import { loopback, openBridge } from "@quintet/live";
import { type Command, UsageError, wholeNumber } from "../../command.ts";
import { interruption } from "../../interruption.ts";
import { interfacesOf, networkOptions, peersOf } from "./network.ts";

export const bridge: Command = {
  name: "bridge",
  usage: "quintet bridge [--recordings FOLDER]",
  summary: "Show and record live streams in a browser page on this machine",
  description: `Opens a page on 127.0.0.1 whose address carries a token: it lists the live streams, draws one, and records those that are
ticked into FOLDER. Nobody without the address gets in, and nothing leaves the machine. Ctrl-C ends it.

Streams of this machine are listed; --interface all or an address lists those of a network too.

Exit code: 0 ended, 1 the port could not be opened, 2 wrong usage.

Example: quintet bridge --recordings ~/recordings --interface all`,
  options: {
    port: { type: "string", value: "N", help: "Port of the page (default: any free one)" },
    recordings: { type: "string", value: "FOLDER", help: "Where recordings go; without it the page only shows" },
    ...networkOptions,
  },
  async run(call) {
    if (call.positionals.length > 0) throw new UsageError("bridge takes no file; quintet stream FILE replays one");
    const [port, recordings] = [call.text("port"), call.text("recordings")];
    if (recordings !== undefined) await mkdir(recordings, { recursive: true });
    using stop = interruption("ended");
    await using opened = await openBridge({
      interfaces: interfacesOf(call, loopback),
      ...peersOf(call),
      ...(port === undefined ? {} : { port: wholeNumber("port", port, 1, 65_535) }),
      ...(recordings === undefined ? {} : { recordings }),
    });
    console.log(`Open ${opened.address}\nCtrl-C ends it.`);
    if (!stop.signal.aborted) await once(stop.signal, "abort");
    return 0;
  },
};
