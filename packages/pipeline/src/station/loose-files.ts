/** Files without a study: given on the command line or dropped on the page. Each is what its content says. */
import { basename } from "node:path";
import { DataError, identityTimeMap } from "@quintet/core";
import { sniffFile } from "@quintet/io/node";
import type { SceneRecording, SceneSensor, SceneSurface, SceneVolume } from "@quintet/view";
import type { Desk } from "./desk.ts";
import { sceneRecordings, sensorsOf } from "./scene-recordings.ts";
import { sceneSurface } from "./scene-surfaces.ts";
import { sceneVolumes } from "./scene-volumes.ts";
import { type Problem, problemOf } from "./stored-subject.ts";
import type { VolumeDraft } from "./volume-drafts.ts";

export interface LooseFiles {
  readonly volumes: readonly SceneVolume[];
  readonly surfaces: readonly SceneSurface[];
  readonly recordings: readonly SceneRecording[];
  readonly sensors: readonly SceneSensor[];
  readonly problems: readonly Problem[];
}

const images = new Set(["NIfTI", "MGH", "DICOM", "ECAT", "Interfile"]);
const recordings = new Set(["EDF", "BDF", "BrainVision", "EEGLAB", "SNIRF", "Homer", "NIRx"]);

/** @param paths absolute; partners of a recording (.eeg, .vmrk, .fdt) are read with it */
export async function looseFiles(paths: readonly string[], desk: Desk, subject: string): Promise<LooseFiles> {
  const problems: Problem[] = [];
  const drafts: VolumeDraft[] = [];
  const surfaces: SceneSurface[] = [];
  const found: SceneRecording[] = [];
  const sensors: SceneSensor[] = [];
  for (const path of paths) {
    const source = basename(path);
    try {
      const kind = await sniffFile(path);
      if (kind === "partner") continue;
      if (images.has(kind)) drafts.push(imageDraft(path, source));
      else if (kind === "GIFTI" || kind === "FreeSurfer")
        surfaces.push(await sceneSurface(path, { name: source, colour: "#c9c4bd" }, { desk, subject }));
      else if (recordings.has(kind)) {
        const job = { kind: "recording", path, companions: {}, participant: {}, bad: [] } as const;
        const open = await desk.recording(job);
        const modality = open.groups.some(({ channels }) => channels.some((one) => /^(nirs|hb)/.test(one.kind)))
          ? "fnirs"
          : "eeg";
        sensors.push(...(open.montage ? sensorsOf(open.montage, modality) : []));
        // A file alone is its own study: its clock is the study's.
        const draft = {
          path,
          source,
          idName: source,
          modality,
          name: source,
          companions: {},
          participant: {},
          map: identityTimeMap("recording", "study"),
        } as const;
        const [one] = await sceneRecordings([draft], { desk, subject, sensors, problems });
        if (one) found.push(one);
      } else
        throw new DataError("unknown-format", "this is neither image, surface nor recording", {
          file: source,
          found: kind,
        });
    } catch (error) {
      problems.push(problemOf(source, error));
    }
  }
  const volumes = await sceneVolumes(drafts, { desk, subject, maps: {}, spans: {}, problems });
  return { volumes, surfaces, recordings: found, sensors, problems };
}

function imageDraft(path: string, source: string): VolumeDraft {
  const labels = /_(dseg|mask|aseg|aparc\w*)\.|aseg|aparc/.test(source);
  const shown = {
    modality: "mri",
    name: source,
    role: labels ? "labels" : "layer",
    colourMap: labels ? "cividis" : "gray",
    opacity: 0.7,
    note: "a file alone: it lies where its header says",
  } as const;
  return {
    path,
    source,
    kind: labels ? "labels" : "volume",
    idName: source,
    order: labels ? 1 : 0,
    shown,
    timed: true,
    insideBrain: false,
  };
}
