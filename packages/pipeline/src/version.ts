/** Goes into provenance; the root package carries the same. */
export const version: string = "0.1.0";
