import { channelData, DataError, type Recording, type Segment } from "@quintet/core";
import { summarise } from "@quintet/kernels";
import { pairName } from "./pairs.ts";

/**
 * Correlation-based signal improvement: HbO and HbR of a working cortex go opposite ways, motion and scalp go the same way. With
 * a = sd(HbO) / sd(HbR), both without their means,
 *
 *   HbO' = (HbO - a HbR) / 2,   HbR' = -HbO' / a,   HbT' = HbO' + HbR'
 *
 * HbR' then carries nothing that HbO' does not: it must not be taken as a second finding.
 *
 * @param concentration pairs with hbo and hbr, mol/L
 * @throws DataError `no-channels`, `unpaired` (an hbo without its hbr), `constant`
 * @see Cui, Bray & Reiss, NeuroImage 2010;49:3039-46, equations 5 and 6
 */
export function correlationImprovement(concentration: Recording): Recording {
  let pairs = 0;
  const groups = concentration.groups.map((group) => {
    const rows = new Map<string, Partial<Record<string, number>>>();
    group.channels.forEach((channel, c) => {
      if (!/^hb[ort]$/.test(channel.kind)) return;
      const name = pairName(channel);
      rows.set(name, { ...rows.get(name), [channel.kind]: c });
    });
    pairs += rows.size;
    const segments = group.segments.map((segment): Segment => {
      const data = Float64Array.from(segment.data);
      const n = data.length / group.channels.length;
      for (const [name, { hbo, hbr, hbt }] of rows) {
        if (hbo === undefined || hbr === undefined)
          throw new DataError("unpaired", `pair ${name} has not both HbO and HbR`, { expected: "both" });
        const [o, r] = [channelData(group, segment, hbo), channelData(group, segment, hbr)];
        const [so, sr] = [summarise(o), summarise(r)];
        if (!(so.sd > 0 && sr.sd > 0)) throw new DataError("constant", `pair ${name} does not vary`);
        const ratio = so.sd / sr.sd;
        for (let t = 0; t < n; t++) {
          const active = ((o[t] as number) - so.mean - ratio * ((r[t] as number) - sr.mean)) / 2;
          data[hbo * n + t] = active;
          data[hbr * n + t] = -active / ratio;
          if (hbt !== undefined) data[hbt * n + t] = active - active / ratio;
        }
      }
      return { start: segment.start, data };
    });
    return { ...group, segments };
  });
  if (pairs === 0) throw new DataError("no-channels", "the recording has no haemoglobin");
  return { ...concentration, groups };
}
