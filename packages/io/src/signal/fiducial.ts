const fiducials: readonly (readonly [RegExp, string])[] = [
  [/^(nz|nas|nasion)$/i, "Nz"],
  [/^(lpa|al|a1fid|left ?preauricular.*)$/i, "LPA"],
  [/^(rpa|ar|a2fid|right ?preauricular.*)$/i, "RPA"],
  [/^(iz|inion)$/i, "Iz"],
];

/** Nz, LPA, RPA or Iz when a landmark's name means one of them. */
export function fiducialName(name: string): string | undefined {
  return fiducials.find(([pattern]) => pattern.test(name.trim()))?.[1];
}
