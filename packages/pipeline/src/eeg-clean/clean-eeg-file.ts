/** EEG from file to a cleaned one: what `quintet eeg clean` does. */
import { basename, extname, join } from "node:path";
import { DataError, type QcFinding, type Sensor } from "@quintet/core";
import { writeBrainVision } from "@quintet/io";
import { readRecording, sha256File, writeFileAtomic } from "@quintet/io/node";
import { loadKernels } from "@quintet/kernels/node";
import type { EegComponents } from "@quintet/modalities/eeg";
import { renderEegCleanPage } from "@quintet/view";
import { medianSpectrum } from "../recipes/five/eeg-cleaning.ts";
import { version } from "../version.ts";
import { type CleanEegOptions, type CleanedEeg, cleanEeg } from "./clean-eeg.ts";

export interface CleanedEegFile {
  /** Relative to the folder. */
  readonly files: readonly string[];
  readonly steps: readonly string[];
  readonly findings: readonly QcFinding[];
  readonly channels: CleanedEeg["channels"];
  readonly components: CleanedEeg["components"];
  /** What the reader said of the file. */
  readonly problems: readonly string[];
  readonly seconds: number;
}

/**
 * Nothing is written before everything is computed; each file appears whole: the cleaned recording as BrainVision, tables of
 * channels and components, findings with provenance, a page.
 *
 * @throws DataError of the reader, of `cleanEeg` and of `writeBrainVision`
 */
export async function cleanEegFile(file: string, out: string, options: CleanEegOptions = {}): Promise<CleanedEegFile> {
  const started = performance.now();
  await loadKernels();
  options.onProgress?.(0, "reading");
  const { recording, events, montage, problems } = await readRecording(file);
  const stem = basename(file, extname(file)).replace(/_eeg$/, "");
  try {
    const before = medianSpectrum(recording);
    const done = cleanEeg({ recording, events, ...(montage ? { montage } : {}) }, options);
    options.onProgress?.(0.97, "writing");
    const { onProgress: _, ...parameters } = options;
    const facts = {
      software: { name: "Quintet", version },
      inputs: [{ file: basename(file), sha256: await sha256File(file) }],
      parameters,
      steps: done.steps,
      findings: done.findings,
      channels: done.channels,
      components: done.components,
    };
    const name = `${stem}_desc-clean_eeg`;
    const contents: { readonly name: string; readonly bytes: Uint8Array | string }[] = [
      ...done.recording.groups.flatMap((group, g) =>
        writeBrainVision({ ...done.recording, groups: [group] }, events, { name: g === 0 ? name : `${name}-${g + 1}` }),
      ),
      { name: `${stem}_desc-clean_channels.tsv`, bytes: channelTable(done) },
      { name: `${stem}_desc-clean_components.tsv`, bytes: componentTable(done) },
      { name: `${stem}_desc-clean_qc.json`, bytes: `${JSON.stringify(facts, null, 1)}\n` },
      {
        name: `${stem}_desc-clean_report.html`,
        bytes: renderEegCleanPage(
          {
            source: basename(file),
            steps: done.steps,
            findings: done.findings,
            before,
            after: medianSpectrum(done.recording),
            channels: done.channels
              .filter(({ reasons }) => reasons.length > 0)
              .map(({ channel, reasons }) => ({ name: channel, verdict: reasons.join(", ") })),
            components: componentViews(done),
            sensors: electrodesOf(montage?.sensors ?? [], done.separated),
          },
          { software: { name: "Quintet", version }, generatedAt: new Date().toISOString() },
        ),
      },
    ];
    for (const { name: path, bytes } of contents) await writeFileAtomic(join(out, path), bytes);
    options.onProgress?.(1, "done");
    return {
      files: contents.map(({ name: path }) => path),
      steps: done.steps,
      findings: done.findings,
      channels: done.channels,
      components: done.components,
      problems,
      seconds: (performance.now() - started) / 1000,
    };
  } catch (error) {
    throw error instanceof DataError ? error.inFile(file) : error;
  }
}

function channelTable({ channels }: CleanedEeg): string {
  const rows = channels.map(
    ({ channel, reasons, deviation, highFrequency, uncorrelated, dropouts, lineRatio, unpredicted }) =>
      [
        channel,
        reasons.length > 0 ? "bad" : "good",
        reasons.join(",") || "n/a",
        ...[deviation, highFrequency, uncorrelated, dropouts, lineRatio, unpredicted].map((v) =>
          v === undefined || !Number.isFinite(v) ? "n/a" : v.toPrecision(5),
        ),
      ].join("\t"),
  );
  const head =
    "name\tstatus\tstatus_description\tdeviation_z\thigh_frequency_z\tuncorrelated\tdropouts\tline_ratio\tunpredicted";
  return `${[head, ...rows].join("\n")}\n`;
}

function componentTable({ components, separated }: CleanedEeg): string {
  const rows = components.map(({ index, label, rule, eye, heart, muscle, removed }) =>
    [
      index,
      label,
      removed ? "true" : "false",
      ...[separated?.shares[index] ?? 0, eye, heart, muscle].map((v) => v.toPrecision(4)),
      rule,
    ].join("\t"),
  );
  return `${["component\tlabel\tremoved\tvariance_share\teye\theart\tmuscle\trule", ...rows].join("\n")}\n`;
}

function componentViews({ components, separated }: CleanedEeg) {
  return components.map(({ index, label, rule, removed }) => ({
    index,
    label,
    rule,
    removed,
    share: separated?.shares[index] ?? 0,
    pattern: (separated?.channels ?? []).map((channel, c) => ({
      channel,
      value: 1e6 * (separated?.mixing[c]?.[index] ?? 0),
    })),
  }));
}

/** Maps need the places of most electrodes. */
function electrodesOf(sensors: readonly Sensor[], separated?: EegComponents): readonly Sensor[] {
  const placed = sensors.filter(({ kind, position }) => kind === "electrode" && position);
  const names = new Set(placed.map(({ name }) => name));
  const known = (separated?.channels ?? []).filter((name) => names.has(name)).length;
  return known >= 4 ? placed : [];
}
