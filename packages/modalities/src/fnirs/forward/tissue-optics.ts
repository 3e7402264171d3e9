/** Optical properties of the head's tissues at rest, by named table. */
import { DataError, type LabelVolume, type Nanometres } from "@quintet/core";
import type { OpticalMedium } from "@quintet/kernels";

export const opticalTissues = ["scalp", "skull", "csf", "grey", "white"] as const;
export type OpticalTissue = (typeof opticalTissues)[number];
export type TissueTableName = "eggebrecht" | "strangman";

interface TissueTable {
  readonly citation: string;
  /** nm, ascending. */
  readonly wavelengths: readonly number[];
  /** 1/mm at each wavelength: absorption, reduced scattering. */
  readonly values: Readonly<Record<OpticalTissue, readonly (readonly [absorption: number, scattering: number])[]>>;
}

/** Of every tissue, as both tables' sources take it. */
export const tissueIndex = 1.4;

export const tissueTables: Readonly<Record<TissueTableName, TissueTable>> = {
  /** The default: two wavelengths, linear between them. */
  eggebrecht: {
    citation: "Eggebrecht et al., NeuroImage 2012;61:1120-1128, as in NeuroDOT's examples",
    wavelengths: [750, 850],
    values: {
      scalp: [
        [0.017, 0.74],
        [0.019, 0.64],
      ],
      skull: [
        [0.0116, 0.94],
        [0.0139, 0.84],
      ],
      csf: [
        [0.004, 0.3],
        [0.004, 0.3],
      ],
      grey: [
        [0.018, 0.8359],
        [0.0192, 0.6726],
      ],
      white: [
        [0.0167, 1.1908],
        [0.0208, 1.0107],
      ],
    },
  },
  /** One value for all of 690 to 850 nm, as Cedalion has it. */
  strangman: {
    citation: "Strangman, Li & Zhang, PLoS ONE 2013;8:e66319 (from the literature, not re-checked), as in Cedalion",
    wavelengths: [690, 850],
    values: {
      scalp: [
        [0.0191, 0.66],
        [0.0191, 0.66],
      ],
      skull: [
        [0.0136, 0.86],
        [0.0136, 0.86],
      ],
      csf: [
        [0.0026, 0.01],
        [0.0026, 0.01],
      ],
      grey: [
        [0.0186, 1.1],
        [0.0186, 1.1],
      ],
      white: [
        [0.0186, 1.1],
        [0.0186, 1.1],
      ],
    },
  },
};

/** nm that a table is carried on beyond its ends: sources of one kind differ by so much. */
const margin = 15;

/** The first table that reaches all of the wavelengths; the default where none does. */
export function tissueTableFor(wavelengths: readonly Nanometres[]): TissueTableName {
  const names = Object.keys(tissueTables) as TissueTableName[];
  return names.find((name) => wavelengths.every((nm) => reaches(tissueTables[name], nm))) ?? "eggebrecht";
}

function reaches({ wavelengths }: TissueTable, nm: Nanometres): boolean {
  const [low, high] = wavelengths as readonly [number, number];
  return nm >= low - margin && nm <= high + margin;
}

/**
 * Properties of one tissue at a wavelength, linear between the table's. With `anisotropy` above 0 the scattering coefficient is the
 * reduced one over 1 - g; 0 stands for the same reduced scattering in all directions, which takes a tenth of the turns and is the
 * same light beyond some millimetres (similarity relation).
 *
 * @throws DataError `bad-wavelength`, `bad-medium`
 */
export function tissueOptics(
  tissue: OpticalTissue,
  wavelength: Nanometres,
  { table = "eggebrecht", anisotropy = 0 }: { readonly table?: TissueTableName; readonly anisotropy?: number } = {},
): OpticalMedium {
  const { wavelengths, values } = tissueTables[table];
  const [low, high] = wavelengths as [number, number];
  if (!reaches(tissueTables[table], wavelength))
    throw new DataError("bad-wavelength", `the tissue table ${table} does not reach there`, {
      expected: `${low - margin} to ${high + margin} nm`,
      found: `${wavelength} nm`,
    });
  if (!(Math.abs(anisotropy) < 1))
    throw new DataError("bad-medium", "an anisotropy lies between -1 and 1", { found: `${anisotropy}` });
  const share = (wavelength - low) / (high - low);
  const [first, last] = values[tissue] as [readonly [number, number], readonly [number, number]];
  const between = (k: 0 | 1): number => first[k] + share * (last[k] - first[k]);
  return { absorption: between(0), scattering: between(1) / (1 - anisotropy), anisotropy, index: tissueIndex };
}

/** Which tissue a label's name means for light; air and what is none of the head are undefined. */
const meanings: readonly (readonly [RegExp, OpticalTissue])[] = [
  [/^(scalp|skin|soft|soft[- ]tissue|fat|muscle|eye|vitreous)\b/i, "scalp"],
  [/^(skull|bone|marrow|diploe|spongy|compact)\b/i, "skull"],
  [/^(csf|fluid|ventricle)/i, "csf"],
  [/^(grey|gray|deep[- ]gr[ea]y|cortex|gm)\b/i, "grey"],
  [/^(white|wm)\b/i, "white"],
];

export function opticalTissueOf(name: string): OpticalTissue | undefined {
  return meanings.find(([pattern]) => pattern.test(name))?.[1];
}

/**
 * What each label of a head means for light: 0 outside, 1 + place in `opticalTissues` inside.
 *
 * @throws DataError `unknown-tissue` for a label in use whose name is no tissue, `no-tissue` where scalp, skull or grey matter is missing
 */
export function opticalLabels(head: LabelVolume): Uint8Array {
  const codes = new Map<number, number>();
  const counts = new Float64Array(opticalTissues.length + 1);
  const out = new Uint8Array(head.data.length);
  for (let v = 0; v < out.length; v++) {
    const label = head.data[v] as number;
    let code = codes.get(label);
    if (code === undefined) {
      code = codeOf(label, head.names.get(label));
      codes.set(label, code);
    }
    out[v] = code;
    counts[code] = (counts[code] as number) + 1;
  }
  const missing = (["scalp", "skull", "grey"] as const).filter((t) => counts[1 + opticalTissues.indexOf(t)] === 0);
  if (missing.length > 0)
    throw new DataError("no-tissue", "light is led through a whole head: scalp, skull and brain", {
      expected: "labels of scalp, skull and grey matter (quintet mri head writes them)",
      found: `no ${missing.join(", ")}`,
    });
  return out;
}

function codeOf(label: number, name: string | undefined): number {
  if (label === 0 || /^(air|background|outside|sinus)/i.test(name ?? "")) return 0;
  const tissue = opticalTissueOf(name ?? "");
  if (tissue === undefined)
    throw new DataError("unknown-tissue", `label ${label} of the head is no tissue known to light`, {
      expected: "air, scalp, skull, CSF, grey or white matter by name",
      found: name ?? "no name",
    });
  return 1 + opticalTissues.indexOf(tissue);
}
