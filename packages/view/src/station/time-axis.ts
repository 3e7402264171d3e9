/** Ticks of a time axis in seconds, and how times and their uncertainty are written. */

const steps = [
  0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200,
  14400, 28800, 43200, 86400, 172800, 604800,
];

/** Round times within [from, to], at most `most` of them. */
export function timeTicks(from: number, to: number, most: number): { readonly step: number; readonly at: number[] } {
  const step = steps.find((s) => (to - from) / s <= most) ?? (steps.at(-1) as number);
  const at: number[] = [];
  for (let i = Math.ceil(from / step - 1e-9); i * step <= to + 1e-9 * step; i++) at.push(i * step);
  return { step, at };
}

const two = (n: number): string => String(n).padStart(2, "0");

/** "12.50 s" below a minute of range, else h:mm:ss with as many decimals as `step` asks for. */
export function timeText(seconds: number, step = 0.001): string {
  const decimals = step >= 1 ? 0 : Math.min(3, Math.ceil(-Math.log10(step) - 1e-9));
  const unit = 10 ** decimals;
  const rounded = Math.round(Math.abs(seconds) * unit) / unit;
  const sign = seconds < 0 && rounded > 0 ? "−" : "";
  const [h, m] = [Math.floor(rounded / 3600), Math.floor(rounded / 60) % 60];
  const s = rounded - 3600 * h - 60 * m;
  const whole = s.toFixed(decimals).padStart(decimals > 0 ? 3 + decimals : 2, "0");
  return h > 0 ? `${sign}${h}:${two(m)}:${whole}` : `${sign}${m}:${whole}`;
}

/** "±12 ms", "±1.5 s", "±4 min"; null (no link is known, or none with an error) is undefined, never 0. */
export function sigmaText(sigma: number | null): string | undefined {
  if (sigma === null || !Number.isFinite(sigma)) return undefined;
  if (sigma < 1) return `±${Number((sigma * 1000).toPrecision(2))} ms`;
  if (sigma < 120) return `±${Number(sigma.toPrecision(2))} s`;
  return `±${Number((sigma / 60).toPrecision(2))} min`;
}

/** "1:02:03.5", "12:30", "75.2" and "75,2" as seconds; undefined when it is no time. */
export function parseTime(text: string): number | undefined {
  const parts = text.trim().replace("−", "-").replace(",", ".").split(":");
  if (parts.length > 3 || parts.some((p, i) => !/^\d+(\.\d+)?$/.test(i === 0 ? p.replace(/^-/, "") : p)))
    return undefined;
  const negative = parts[0]?.startsWith("-");
  const value = parts.reduce((sum, p) => 60 * sum + Math.abs(Number(p)), 0);
  return negative ? -value : value;
}
