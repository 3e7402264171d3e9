/**
 * Impedances of the electrodes, as the amplifier's software writes them into a header's [Comment]:
 *
 *     Impedance [kOhm] at 16:12:27 :
 *     Fp1:          5
 *     Fp2:        ???
 *     Cz:   Out of Range!
 *
 * Of several measurements the last counts. Nothing else of the comment is read.
 */
export interface Impedances {
  /** Ohm by the name written there; Infinity where the amplifier said out of range. Unknown ones (`???`) are left out. */
  readonly ohms: ReadonlyMap<string, number>;
  /** Time of day as written; absent without a table. */
  readonly at?: string;
}

const heading = /^\s*Impedance\s*\[\s*(k|M)?Ohm\s*\]\s*(?:at\s*(\d{1,2}:\d{2}:\d{2}))?\s*:?\s*$/i;
const row = /^\s*(\S.*?)\s*:\s*(\d+(?:[.,]\d+)?|\?\?\?|Out of Range!?|-)\s*$/i;
const factors: Readonly<Record<string, number>> = { "": 1, k: 1e3, m: 1e6 };

export function readImpedances(comment: readonly string[]): Impedances {
  let found: Impedances = { ohms: new Map() };
  for (let i = 0; i < comment.length; i++) {
    const title = heading.exec(comment[i] as string);
    if (!title) continue;
    const factor = factors[(title[1] ?? "").toLowerCase()] as number;
    const ohms = new Map<string, number>();
    for (let k = i + 1; k < comment.length; k++) {
      const [, name, value] = row.exec(comment[k] as string) ?? [];
      if (name === undefined || value === undefined) break;
      if (/^\d/.test(value)) ohms.set(name, factor * Number(value.replace(",", ".")));
      else if (/^out/i.test(value)) ohms.set(name, Number.POSITIVE_INFINITY);
    }
    found = { ohms, ...(title[2] === undefined ? {} : { at: title[2] }) };
  }
  return found;
}

/** Reference and ground electrodes, by the names that the software gives them: told in words, since they are no channels. */
export function otherImpedances({ ohms, at }: Impedances, channels: ReadonlySet<string>): string | undefined {
  const others = [...ohms].filter(([name]) => !channels.has(name));
  if (others.length === 0) return undefined;
  const words = others.map(([name, ohm]) => `${name} ${Number.isFinite(ohm) ? `${ohm / 1000} kOhm` : "out of range"}`);
  return `${words.join(", ")}${at === undefined ? "" : ` at ${at}`}`;
}
