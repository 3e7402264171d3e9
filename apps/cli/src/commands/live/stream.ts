import { loopback, replay, streamsOfFile } from "@quintet/live";
import { positive } from "../../arguments.ts";
import { type Command, UsageError } from "../../command.ts";
import { interruption } from "../../interruption.ts";
import { bar } from "../../terminal.ts";
import { interfacesOf, networkOptions } from "./network.ts";

export const stream: Command = {
  name: "stream",
  usage: "quintet stream FILE [--speed 1] [--loop]",
  summary: "Replay a recording as live Lab Streaming Layer streams",
  description: `Sends a recording (XDF, EDF, BDF, BrainVision, EEGLAB, SNIRF, .nirs) as if its devices were running now: each stream of an XDF
file, or each group of channels and one stream of marks. Only programs on this machine can hear it unless --interface says
otherwise: Lab Streaming Layer has no encryption and anybody on that network could listen.

Exit code: 0 played to the end, 1 it could not be read, 2 wrong usage, 130 stopped.

Example: quintet stream run.xdf --speed 2`,
  options: {
    speed: { type: "string", value: "TIMES", help: "Times as fast as it was recorded (default 1)" },
    loop: { type: "boolean", help: "Begin again at the end" },
    wait: {
      type: "string",
      value: "SECONDS",
      help: "Wait for a reader of every stream before beginning (default: do not)",
    },
    interface: networkOptions.interface as NonNullable<(typeof networkOptions)["interface"]>,
  },
  async run(call) {
    const [path, ...more] = call.positionals;
    if (path === undefined || more.length > 0) throw new UsageError("stream takes one recording: quintet stream FILE");
    const [speed, wait] = [positive(call, "speed") ?? 1, positive(call, "wait", true) ?? 0];
    const streams = await streamsOfFile(path);
    for (const { description, stamps } of streams)
      console.error(
        `${description.name}: ${description.channelCount} channels, ${description.rate || "irregular"} Hz, ${stamps.length} samples`,
      );
    using stop = interruption("stopped");
    const out = process.stderr;
    const told = await replay(streams, {
      speed,
      loop: call.flag("loop"),
      waitForReaders: wait,
      interfaces: interfacesOf(call, loopback),
      signal: stop.signal,
      onProgress(at, length, readers) {
        if (!out.isTTY) return;
        out.write(
          `\r\x1b[K  ${bar(length > 0 ? at / length : 1, 30)} ${at.toFixed(1)} of ${length.toFixed(1)} s, ${readers} readers`,
        );
      },
    });
    if (out.isTTY) out.write("\r\x1b[K");
    console.log(
      `${told.samples.reduce((a, b) => a + b, 0)} samples of ${streams.length} streams${told.dropped > 0 ? `; slow readers lost ${told.dropped}` : ""}`,
    );
    return stop.signal.aborted ? 130 : 0;
  },
};
