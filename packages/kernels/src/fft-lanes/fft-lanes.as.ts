// build: threads relaxed
// What is done with transforms of two rows at a time. Every program takes (chunk, thread, address of its numbers); what the
// numbers are stands at each. Chunks share nothing but what they read, so that no bit depends on who took which.

export { pairs } from "./pairs.as";
export { tapered } from "./tapered.as";
export { convolve } from "./convolve.as";
export { rate } from "./rate.as";
export { spectra, wavelet } from "./wavelet.as";
