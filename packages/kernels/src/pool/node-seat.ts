/** A worker thread of a crew. */
import { workerData } from "node:worker_threads";
import { type CrewSeat, workFor } from "./seat.ts";

workFor(workerData as CrewSeat);
