/** Brings an atlas's own labels to Quintet's sublobar regions. */
import { DataError, type LabelVolume } from "@quintet/core";

/** AAL names (Tzourio-Mazoyer et al., NeuroImage 2002;15:273-89) without their side, by sublobar region. */
const aal: Readonly<Record<string, readonly RegExp[]>> = {
  "superior-frontal": [/^Frontal_Sup$/, /^Frontal_Sup_Medial$/, /^Supp_Motor_Area$/],
  "middle-frontal": [/^Frontal_Mid$/],
  "inferior-frontal": [/^Frontal_Inf_(Oper|Tri)$/, /^Rolandic_Oper$/],
  orbitofrontal: [/^Frontal_(Sup|Mid|Inf|Med)_Orb$/, /^Rectus$/, /^Olfactory$/],
  precentral: [/^Precentral$/],
  postcentral: [/^Postcentral$/, /^Paracentral_Lobule$/],
  "superior-parietal": [/^Parietal_Sup$/],
  "inferior-parietal": [/^Parietal_Inf$/, /^SupraMarginal$/, /^Angular$/],
  precuneus: [/^Precuneus$/],
  "lateral-temporal": [/^Temporal_(Sup|Mid)$/, /^Heschl$/],
  "basal-temporal": [/^Temporal_Inf$/, /^Fusiform$/],
  "temporal-pole": [/^Temporal_Pole_/],
  "mesial-temporal": [/^(Hippocampus|ParaHippocampal|Amygdala)$/],
  insula: [/^Insula$/],
  "anterior-cingulate": [/^Cingulum_Ant$/],
  "posterior-cingulate": [/^Cingulum_(Mid|Post)$/],
  "lateral-occipital": [/^Occipital_(Sup|Mid|Inf)$/],
  "medial-occipital": [/^(Calcarine|Cuneus|Lingual)$/],
  caudate: [/^Caudate$/],
  putamen: [/^Putamen$/],
  pallidum: [/^Pallidum$/],
  thalamus: [/^Thalamus$/],
  cerebellum: [/^Cerebel+um_/],
};

/**
 * An atlas with AAL names as sublobar regions ("left superior-frontal"). An atlas whose names are these regions already
 * is given back as it is; the AAL vermis has no side and counts as cerebellum of the midline.
 *
 * @throws DataError `unknown-atlas` when fewer than half of the labels are known
 */
export function sublobarRegions(atlas: LabelVolume): LabelVolume {
  const own = [...atlas.names.values()];
  if (own.some((name) => /^(left|right) [a-z]+(-[a-z]+)*$/.test(name))) return atlas;
  const names = new Map<number, string>();
  const codes = new Map<string, number>();
  const recode = new Map<number, number>();
  for (const [label, name] of atlas.names) {
    const region = fromAal(name);
    if (region === undefined) continue;
    const code = codes.get(region) ?? codes.size + 1;
    codes.set(region, code);
    names.set(code, region);
    recode.set(label, code);
  }
  if (recode.size < own.length / 2) {
    throw new DataError("unknown-atlas", "these labels are neither sublobar regions nor AAL names", {
      expected: 'names like "left superior-frontal" or "Frontal_Sup_L"',
      found: own.slice(0, 4).join(", "),
    });
  }
  return {
    ...atlas,
    names,
    data: new Uint8Array(atlas.data.length).map((_, i) => recode.get(atlas.data[i] as number) ?? 0),
  };
}

function fromAal(name: string): string | undefined {
  if (/^Vermis/.test(name)) return "cerebellum";
  const [, base, side] = /^(.+)_([LR])$/.exec(name) ?? [];
  if (base === undefined) return undefined;
  const region = Object.keys(aal).find((key) => aal[key]?.some((pattern) => pattern.test(base)));
  return region === undefined ? undefined : `${side === "L" ? "left" : "right"} ${region}`;
}
