import { resolveStreams, type StreamInfo } from "@quintet/live";
import { type Command, UsageError } from "../../command.ts";
import { interfacesOf, networkOptions, peersOf } from "./network.ts";

export const streams: Command = {
  name: "streams",
  usage: "quintet streams [--query \"type='EEG'\"]",
  summary: "List the Lab Streaming Layer streams that can be heard now",
  description: `Asks every network interface for live streams for three seconds and lists them: name, type, channels, rate, format, host.
A query is made of name='value' terms with and, or, not(), starts-with(), contains(): it is evaluated by each sender.

Exit code: 0 streams were found, 1 none was, 2 wrong usage.

Example: quintet streams --query "type='EEG' or type='NIRS'"`,
  options: {
    query: { type: "string", value: "QUERY", help: "Only streams of which this is true (default: all)" },
    ...networkOptions,
    json: { type: "boolean", help: "One JSON array of what each stream says of itself" },
  },
  async run(call) {
    if (call.positionals.length > 0) throw new UsageError("streams takes no file; quintet stream FILE replays one");
    const found = await resolveStreams(call.text("query") ?? "", {
      interfaces: interfacesOf(call, "all"),
      ...peersOf(call),
    });
    if (call.flag("json")) process.stdout.write(`${JSON.stringify(found, null, 1)}\n`);
    else if (found.length === 0)
      console.log("No stream was heard. Is the sender running, and on this network? --peer HOST asks one host.");
    else for (const info of found) console.log(streamLine(info));
    return found.length > 0 ? 0 : 1;
  },
};

export function streamLine({
  name,
  type,
  channelCount,
  rate,
  format,
  hostname,
  address,
  sourceId,
}: StreamInfo): string {
  const speed = rate > 0 ? `${rate} Hz` : "irregular";
  const source = sourceId === "" ? "no source id" : `source ${sourceId}`;
  return `${name} · ${type || "no type"} · ${channelCount} channels · ${speed} · ${format} · ${hostname || address} · ${source}`;
}
