import { DataError } from "@quintet/core";
import { taper } from "./window.ts";

/** Edges of the pass band in Hz; what is left out is not filtered. `low` > `high` makes a band-stop. */
export interface FirBand {
  readonly low?: number;
  readonly high?: number;
  /** Width of the transition beside `low`, Hz; default min(max(low/4, 2), low). */
  readonly lowTransition?: number;
  /** Width of the transition beside `high`, Hz; default min(max(high/4, 2), rate/2 - high). */
  readonly highTransition?: number;
}

/** Hamming-windowed sinc: transition width (Hz) = 3.3 rate / length. */
const hammingLengthFactor = 3.3;

/**
 * Linear-phase FIR filter by the window method, with the design rules of MNE-Python ("firwin", Hamming).
 *
 *   length = ceil(3.3 rate / narrowest transition), made odd
 *   h = sum over gain steps of +- sinc low-pass at the middle of the transition, each as long as its own transition asks
 *
 * The gain is 1 at `low` and `high`, 0 at one transition outside; -6 dB lies in the middle. Band-stop when low > high:
 * gain 1 up to `high` and from `low` on, 0 between high + transition and low - transition.
 *
 * @param rate sampling rate in Hz
 * @returns odd number of taps, symmetric; convolve centred for zero phase
 * @throws DataError `bad-rate`, `bad-band`
 * @see Widmann, Schroeger & Maess, J Neurosci Methods 2015;250:34-46
 */
export function firDesign(rate: number, band: FirBand): Float64Array {
  if (!(rate > 0 && Number.isFinite(rate)))
    throw new DataError("bad-rate", "a sampling rate is positive", { found: `${rate}` });
  const steps = gainSteps(rate, band);
  const nyquist = rate / 2;
  const edges = steps.slice(1).map((step, i) => ({ from: steps[i] as GainStep, to: step }));
  const turns = edges.filter(({ from, to }) => from.gain !== to.gain);
  const narrowest = Math.min(...turns.map(({ from, to }) => to.frequency - from.frequency));
  const length = odd(Math.ceil((hammingLengthFactor * rate) / narrowest - 1e-9));
  const taps = new Float64Array(length);
  if (steps.at(-1)?.gain === 1) taps[(length - 1) / 2] = 1;
  for (const { from, to } of turns) {
    const width = to.frequency - from.frequency;
    const part = windowedSinc(
      odd(Math.round((hammingLengthFactor * rate) / width)),
      (from.frequency + to.frequency) / 2 / nyquist,
    );
    const offset = (length - part.length) / 2;
    const sign = from.gain === 1 ? 1 : -1;
    for (let i = 0; i < part.length; i++) taps[offset + i] = (taps[offset + i] as number) + sign * (part[i] as number);
  }
  return taps;
}

interface GainStep {
  readonly frequency: number;
  readonly gain: 0 | 1;
}

function gainSteps(rate: number, { low, high, lowTransition, highTransition }: FirBand): GainStep[] {
  const nyquist = rate / 2;
  const bad = (message: string): never => {
    throw new DataError("bad-band", message, {
      expected: `edges and transitions inside 0 .. ${nyquist} Hz`,
      found: `low ${low ?? "none"}, high ${high ?? "none"}`,
    });
  };
  if (low === undefined && high === undefined) return bad("a filter needs an edge");
  if (low !== undefined && !(low > 0 && low < nyquist)) return bad("the low edge is outside the band");
  if (high !== undefined && !(high > 0 && high < nyquist)) return bad("the high edge is outside the band");
  if (low !== undefined && low === high) return bad("the pass band is empty");
  const lowWidth = low === undefined ? 0 : (lowTransition ?? Math.min(Math.max(0.25 * low, 2), low));
  const highWidth = high === undefined ? 0 : (highTransition ?? Math.min(Math.max(0.25 * high, 2), nyquist - high));
  const steps: GainStep[] = [];
  if (low !== undefined && high !== undefined && low > high) {
    steps.push({ frequency: 0, gain: 1 }, { frequency: high, gain: 1 }, { frequency: high + highWidth, gain: 0 });
    steps.push({ frequency: low - lowWidth, gain: 0 }, { frequency: low, gain: 1 }, { frequency: nyquist, gain: 1 });
  } else {
    if (low === undefined) steps.push({ frequency: 0, gain: 1 });
    else {
      if (low - lowWidth > 0) steps.push({ frequency: 0, gain: 0 });
      steps.push({ frequency: low - lowWidth, gain: 0 }, { frequency: low, gain: 1 });
    }
    if (high === undefined) steps.push({ frequency: nyquist, gain: 1 });
    else {
      steps.push({ frequency: high, gain: 1 }, { frequency: high + highWidth, gain: 0 });
      if (high + highWidth < nyquist) steps.push({ frequency: nyquist, gain: 0 });
    }
  }
  const sound = steps.every((step, i) => {
    const before = steps[i - 1];
    if (!(step.frequency >= 0 && step.frequency <= nyquist + 1e-9)) return false;
    return (
      !before || (step.gain === before.gain ? step.frequency >= before.frequency : step.frequency > before.frequency)
    );
  });
  return sound ? steps : bad("a transition does not fit");
}

/** Low-pass of odd `length`, cutoff as a share of the Nyquist frequency, gain 1 at 0 Hz. */
function windowedSinc(length: number, cutoff: number): Float64Array {
  const centre = (length - 1) / 2;
  const window = taper("hamming", length);
  const taps = window.map((w, n) => {
    const x = Math.PI * cutoff * (n - centre);
    return w * (x === 0 ? cutoff : (cutoff * Math.sin(x)) / x);
  });
  const sum = taps.reduce((total, tap) => total + tap, 0);
  return taps.map((tap) => tap / sum);
}

function odd(n: number): number {
  return n % 2 === 1 ? n : n + 1;
}
