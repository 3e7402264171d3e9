/** `npm run study -- NAME ...`: runs study/NAME.ts, which prints one JSON line per result. Without a name it lists them. */
import { listed, runNamed } from "../testing/named-script.ts";

const [name, ...rest] = process.argv.slice(2);
process.exitCode =
  name === undefined ? listed(import.meta.dirname, "study") : await runNamed(import.meta.dirname, name, rest);
