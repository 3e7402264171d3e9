import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { expect, test } from "vitest";
import { describeRealData } from "../../../../../testing/real-data.ts";
import { readRecording } from "../recordings.ts";
import { readStudy } from "../study/study.ts";
import { validateStudy } from "../study/validate.ts";
import { importFolder } from "./import-folder.ts";

describeRealData(
  "import of loose recordings",
  ["eeg/eeglab/eeglab_data.set", "eeg/eeglab/eeglab_data.fdt", "fnirs/homer3_GrpTap/subj1/Fingertapping_08212013.nirs"],
  (set, fdt, homer) => {
    test("samples, rates and conditions are those of the files", async () => {
      const place = mkdtempSync(join(tmpdir(), "quintet-real-import-"));
      const [from, to] = [join(place, "in"), join(place, "out")];
      mkdirSync(from);
      for (const file of [set, fdt, homer]) copyFileSync(file, join(from, basename(file)));
      const result = await importFolder(from, to, { seed: 1 });
      expect(result.unrecognised).toEqual([]);
      const study = await readStudy(to);
      const path = (modality: string): string =>
        join(to, study.subjects[0]!.files.find((file) => file.modality === modality)!.path);
      const first = async (file: string) => (await readRecording(file)).recording.groups[0]!;
      const [eegIn, eegOut, nirsIn, nirsOut] = await Promise.all([set, path("eeg"), homer, path("fnirs")].map(first));
      expect([eegOut!.rate, eegOut!.channels.length]).toEqual([128, 32]);
      // BrainVision stores microvolts as float32.
      expect(eegOut!.segments[0]!.data).toBeAllclose(eegIn!.segments[0]!.data, { rtol: 2e-7, atol: 1e-13 });
      // SNIRF stores float64.
      expect(nirsOut!.segments[0]!.data).toBeAllclose(nirsIn!.segments[0]!.data, { rtol: 1e-12 });
      const events = (await readRecording(set)).events.list.filter(({ type }) => type === "square");
      const kept = (await readRecording(path("eeg"))).events.list.filter(({ type }) => /square/.test(type));
      expect([events.length, kept.length]).toEqual([80, 80]);
      expect((await validateStudy(to)).filter(({ severity }) => severity === "error")).toEqual([]);
      rmSync(place, { recursive: true });
    }, 60_000);
  },
);
