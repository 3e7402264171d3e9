import { expect, test } from "vitest";
import { channelMeasures } from "./channel-measures.ts";

const row = (channel: string, value: number, standardError?: number) => ({
  channel,
  measure: "delta-power",
  value,
  unit: "uV2",
  method: "Welch",
  ...(standardError === undefined ? {} : { standardError }),
});
const labels: Record<string, string> = { F3: "left middle-frontal", F1: "left middle-frontal", Cz: "right precentral" };

test("two channels over one region: mean 3, SE sqrt(9 + 16) / 2; each channel keeps its own row", () => {
  const rows = channelMeasures(
    [row("F3", 2, 3), row("F1", 4, 4), row("Cz", 9)],
    (channel) => labels[channel],
    "eeg",
    "a.edf",
  );
  expect(rows[0]).toMatchObject({
    region: "middle-frontal",
    side: "left",
    value: 3,
    standardError: 2.5,
    n: 2,
    modality: "eeg",
  });
  expect(rows[1]).toMatchObject({ region: "precentral", side: "right", value: 9, n: 1 });
  expect(rows[1]).not.toHaveProperty("standardError");
  expect(rows.slice(2).map(({ region }) => region)).toEqual(["F3", "F1", "Cz"]);
});

test("a channel over no region has its own row only; a value that is no number joins no mean", () => {
  const rows = channelMeasures(
    [row("X", 1), row("F3", Number.NaN), row("F1", 4)],
    (channel) => labels[channel],
    "eeg",
    "a.edf",
  );
  expect(rows).toHaveLength(4);
  expect(rows[0]).toMatchObject({ region: "middle-frontal", value: 4, n: 1 });
});
