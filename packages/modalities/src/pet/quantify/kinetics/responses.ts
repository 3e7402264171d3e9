import { type Curve, convolveExponential, type Response, type Samples } from "@quintet/kernels";

/** Responses of one curve by rate; each rate is worked out once. */
export function responsesTo(curve: Curve, samples: Samples): (rate: number) => Response {
  const known = new Map<number, Response>();
  return (rate) => {
    const found = known.get(rate) ?? convolveExponential(curve, rate, samples);
    known.set(rate, found);
    return found;
  };
}
