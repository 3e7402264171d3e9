export type { RunCommand } from "./runs.ts";
export type { RunningServer, ServerOptions } from "./server.ts";
export { startServer } from "./server.ts";
