/** What the commands of spikes and sources read alike. */
import type { FindSpikesOptions } from "@quintet/pipeline";
import { type Call, type OptionHelp, UsageError } from "../../command.ts";

export const recordingOptions: Readonly<Record<"out" | "bad" | "mains", OptionHelp>> = {
  out: { type: "string", value: "FOLDER", help: "Where the results go" },
  bad: {
    type: "string",
    multiple: true,
    value: "NAME",
    help: "A channel to leave out, besides those quality finds bad",
  },
  mains: { type: "string", value: "50|60", help: "Mains frequency, for the quality of channels (default 50)" },
};

/** @throws UsageError */
export function recordingChoices(call: Call): Pick<FindSpikesOptions, "bad" | "mains"> {
  const mains = call.text("mains") ?? "50";
  if (mains !== "50" && mains !== "60") throw new UsageError(`--mains takes 50 or 60, not "${mains}"`);
  return { bad: call.texts("bad"), mains: mains === "60" ? 60 : 50 };
}

export const point = (p: readonly number[]): string => p.map((v) => v.toFixed(1)).join(", ");
