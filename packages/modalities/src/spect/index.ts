export { decayCorrect } from "./correct.ts";
export type { SpectQcOptions } from "./qc.ts";
export { qc } from "./qc.ts";
export { asymmetryIndex } from "./quantify/asymmetry-index.ts";
export { relativePerfusion } from "./quantify/relative-perfusion.ts";
export { sbr } from "./quantify/sbr.ts";
export type { Siscom, SiscomOptions } from "./quantify/siscom.ts";
export { siscom, siscomAlpha, siscomFocus } from "./quantify/siscom.ts";
