/** How the patient lay in the gantry, as the codes of the NM/PET Patient Orientation module. */
import type { DicomFields } from "./encode.ts";

const code = (value: string, meaning: string): DicomFields => ({
  CodeValue: value,
  CodingSchemeDesignator: "SCT",
  CodeMeaning: meaning,
});

/**
 * Codes of a PatientPosition (HFS, FFP ...); empty sequences, which the module allows, for one that is not lying.
 *
 * @see DICOM PS3.3 C.8.4.6, PS3.16 CID 19, 20, 21
 */
export function orientationCodes(position: string | undefined): DicomFields {
  const turn = { S: code("40199007", "supine"), P: code("1240000", "prone") }[position?.[2] ?? ""];
  const first = { HF: code("102540008", "headfirst"), FF: code("102541007", "feet-first") }[
    position?.slice(0, 2) ?? ""
  ];
  if (!turn || !first) return { PatientOrientationCodeSequence: [], PatientGantryRelationshipCodeSequence: [] };
  return {
    PatientOrientationCodeSequence: [
      { ...code("102538003", "recumbent"), PatientOrientationModifierCodeSequence: [turn] },
    ],
    PatientGantryRelationshipCodeSequence: [first],
  };
}
