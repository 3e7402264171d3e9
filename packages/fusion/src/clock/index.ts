export { instant, unsynchronisedSigma, wallClockMap } from "./wall-clock.ts";
