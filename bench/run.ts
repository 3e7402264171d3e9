/** `npm run bench -- NAME ...`: runs bench/NAME.ts, which prints one JSON line per result. Without a name it lists them. */
import { listed, runNamed } from "../testing/named-script.ts";

const [name, ...rest] = process.argv.slice(2);
process.exitCode =
  name === undefined ? listed(import.meta.dirname, "bench") : await runNamed(import.meta.dirname, name, rest);
