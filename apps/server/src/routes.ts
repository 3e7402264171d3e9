/** Addresses below /api, each a few lines: what is asked, which part of the station answers. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { DataError } from "@quintet/core";
import type { CurvePlace, Station } from "@quintet/pipeline";
import { bodyOf, jsonOf, reportPolicy, sendBytes, sendJson } from "./answer.ts";
import { packed, wishOf } from "./recording-window.ts";

export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly query: URLSearchParams;
  /** What stands after the route's name; an id, never a path. */
  readonly id: string;
}

export type Route = (exchange: Exchange) => Promise<void> | void;

/** Bytes of one dropped file. */
const largestDrop = 2 ** 30;
/** Bytes of a table of events as JSON. */
const largestTable = 32 * 2 ** 20;

/** By method and first word: "GET volume". */
export function stationRoutes(station: Station): Readonly<Record<string, Route>> {
  return {
    "GET scene": async ({ response, query }) => {
      const part = query.get("part") === "first" ? "first" : "whole";
      sendJson(response, await station.scene(query.get("subject") ?? undefined, part));
    },
    "GET volume": async ({ request, response, id }) => {
      sendBytes(request, response, (await station.volume(id)).bytes);
    },
    "GET surface": async ({ request, response, id }) => {
      sendBytes(request, response, (await station.surface(id)).bytes);
    },
    "GET recording": async ({ request, response, id, query }) => {
      sendBytes(request, response, packed(await station.window(id, wishOf(query))));
    },
    "GET events": async ({ response, id }) => sendJson(response, await station.events(id)),
    "PUT events": async ({ request, response, id }) => {
      const { version, events } = await jsonOf(request, largestTable);
      sendJson(response, await station.saveEvents(id, version, events));
    },
    "POST events": async ({ request, response, id }) => {
      const { do: what, version } = await jsonOf(request);
      if (what !== "undo" && what !== "redo") throw new DataError("bad-request", "do is undo or redo");
      sendJson(response, await station.stepEvents(id, version, what === "undo"));
    },
    "GET layout": async ({ response }) => sendJson(response, { layout: await station.layout() }),
    "PUT layout": async ({ request, response }) => {
      await station.saveLayout(await jsonOf(request));
      sendJson(response, {});
    },
    "GET plots": async ({ response, query }) => {
      sendJson(response, await station.plots(query.get("subject") ?? (station.subjects[0] as string)));
    },
    "GET curves": async ({ response, query }) => {
      const [volume, region, position] = ["volume", "region", "position"].map((name) => query.get(name));
      const point = position?.split(",").map(Number) ?? [];
      if (!volume || (!region && !(point.length === 3 && point.every(Number.isFinite))))
        throw new DataError(
          "bad-request",
          "a curve needs volume, and position=x,y,z (with radius and share for a sphere) or region",
        );
      const where = region ? { region } : placeOf(point as [number, number, number], query);
      sendJson(response, await station.curve(volume, where));
    },
    "POST decisions": async ({ request, response, id, query }) => {
      const subject = query.get("subject") ?? (station.subjects[0] as string);
      sendJson(response, await station.decide(subject, id, await jsonOf(request)));
    },
    "GET report": async ({ request, response, id }) => {
      const bytes = await station.report(id);
      response.setHeader("content-security-policy", reportPolicy);
      sendBytes(request, response, bytes, "text/html; charset=utf-8");
    },
    "POST drop": async ({ request, response, query }) => {
      const name = query.get("name");
      if (name === null) throw new DataError("bad-request", "a dropped file has a name: ?name=");
      sendJson(response, await station.drop(name, await bodyOf(request, largestDrop)));
    },
  };
}

/** A point alone is its voxel; with a radius (mm) the sphere about it, with a share of its maximum the part above that. */
function placeOf(point: [number, number, number], query: URLSearchParams): CurvePlace {
  const [radius, share] = ["radius", "share"].map((name) => {
    const text = query.get(name);
    return text === null ? undefined : Number(text);
  });
  if (radius === undefined) return { position: point };
  if (!(radius > 0 && radius <= 100) || !(share === undefined || (share > 0 && share <= 1)))
    throw new DataError("bad-request", "a radius is above 0 and at most 100 mm, a share above 0 and at most 1");
  return { drawn: { centre: point, radius, ...(share === undefined ? {} : { share }) } };
}
