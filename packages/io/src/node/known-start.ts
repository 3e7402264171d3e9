/** Dates that writers put where they know none: EDF's 01.01.85 (EDF+ 2.1.3.3), and the epochs of other programs. */
const placeholder = /^(1970|1985|2000)-01-01T00:00:00(\.0+)?$/;

/** The wall-clock start of a recording, unless it is only a placeholder. */
export function knownStart(startedAt: string | undefined): string | undefined {
  return startedAt === undefined || placeholder.test(startedAt) ? undefined : startedAt;
}
