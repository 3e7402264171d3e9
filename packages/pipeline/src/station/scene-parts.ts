/** Small choices of the scene: which image is the anatomy, what is shown at first, where the cursors start. */
import { toWorld } from "@quintet/core";
import type { Scene, SceneVolume } from "@quintet/view";
import { sceneDecision } from "./decide.ts";
import { registrationId } from "./scene-volumes.ts";
import type { StoredSubject } from "./stored-subject.ts";

/** A study's anatomy stays the anatomy; a dropped image is a layer over it. */
export function oneAnatomy(volumes: readonly SceneVolume[]): readonly SceneVolume[] {
  const first = volumes.findIndex(({ role }) => role === "anatomy");
  return volumes.map(
    (volume, k): SceneVolume =>
      volume.role === "anatomy" && k !== first ? { ...volume, role: "layer", opacity: 0.7, visible: true } : volume,
  );
}

/** At most two layers are shown at first: what the named finding rests on, else the first of each of PET and SPECT. */
export function withVisible(
  volumes: readonly SceneVolume[],
  stored: StoredSubject | undefined,
): readonly SceneVolume[] {
  const layers = volumes.filter(
    ({ role, registration, source }) => role === "layer" && registration !== undefined && source.includes("space-T1w"),
  );
  const named = new Set((stored?.findings?.named?.evidence ?? []).map(({ modality }) => modality as string));
  const chosen = named.size > 0 ? layers.filter(({ modality }) => named.has(modality)) : layers;
  const last = new Map(chosen.map((volume) => [volume.modality, volume.id]));
  const shown = new Set([...last.values()].slice(0, 2));
  return volumes.map((volume) => (shown.has(volume.id) ? { ...volume, visible: true } : volume));
}

export function middleOf({ shape, affine }: SceneVolume): readonly [number, number, number] {
  const grid = { shape, affine: Float64Array.from(affine), space: "" };
  return toWorld(grid, [(shape[0] - 1) / 2, (shape[1] - 1) / 2, (shape[2] - 1) / 2]);
}

export function registrationsOf(
  stored: StoredSubject | undefined,
  volumes: readonly SceneVolume[],
): Scene["registrations"] {
  // A control run leaves images where their headers say: there is no error to expect, and nothing to judge.
  const made = (stored?.registrations ?? []).filter((one) => Number.isFinite(one.expectedError));
  return made.map((one) => {
    const { name, modality, expectedError, verdict, note } = one;
    const id = registrationId(name);
    const source = stored?.scene?.registered[name];
    const volume = volumes.find((one) => one.source === source && one.registration === id);
    const decision = sceneDecision(one, stored?.decisions ?? []);
    return {
      id,
      modality,
      name,
      expectedError,
      verdict,
      note,
      ...(volume ? { volume: volume.id } : {}),
      ...(decision ? { decision } : {}),
    };
  });
}
