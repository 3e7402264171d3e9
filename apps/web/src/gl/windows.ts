/** The world seen through each pane of a picture. */
import type { Point } from "@quintet/core";
import type { Camera, Pane, PlaneView } from "@quintet/view";
import { planeNormal } from "@quintet/view";
import type { StagePicture } from "./picture.ts";

/** A pane's cut: the whole field of view fits its shorter side at zoom 1. */
export function paneView(picture: StagePicture, pane: Pane): PlaneView | undefined {
  if (pane.kind === "3d") return undefined;
  const { centre, pan, position } = picture;
  return {
    plane: pane.kind,
    convention: picture.convention,
    noseLeft: picture.noseLeft,
    centre: [centre[0] + pan[0], centre[1] + pan[1], centre[2] + pan[2]] as Point,
    at: position[planeNormal(pane.kind)] + pane.offset,
    scale: picture.side / (picture.zoom * Math.min(pane.width, pane.height)),
    width: pane.width,
    height: pane.height,
  };
}

export function paneCamera(picture: StagePicture, pane: Pane): Camera {
  return {
    target: picture.centre,
    yaw: picture.yaw,
    pitch: picture.pitch,
    scale: (1.12 * picture.side) / (picture.zoom3d * Math.min(pane.width, pane.height)),
    width: pane.width,
    height: pane.height,
  };
}
