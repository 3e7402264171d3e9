export type { Random } from "./random/random.ts";
export { seededRandom } from "./random/random.ts";
