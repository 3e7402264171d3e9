import { DataError } from "@quintet/core";
import type { ImageGrid } from "../joseph/lines.ts";
import { checkLength, type Projector } from "../joseph/projector.ts";
import { Crew, crewThreads } from "../pool/crew.ts";
import { sharedModules } from "../wasm/wasm.ts";
import { type CameraOptions, type CameraSetup, type CameraViews, cameraSetup } from "./camera-setup.ts";
import { backProjectView, projectView } from "./rotating-camera.ref.ts";

/** The projector of a camera: data is [view][row][column]. */
export interface CameraProjector extends Projector {
  readonly views: CameraViews;
  /** The same operator for some of the views, in the order given; shares memory and threads with this one. */
  subset(views: readonly number[]): Projector;
}

const slabRows = 16;
/** Views whose planes are held at a time. */
const mostBatch = 32;

/**
 * What a rotating gamma camera sees of an image, and the adjoint: rotate and blur.
 *
 *   y_v(i, j) = sum_l ( g_{v,l} * [ D e^{-M_{v,l}} (R_v x)_l ] )(i, j)
 *   M_{v,l} = D (sum_{l' < l} mu_{l'} + mu_l / 2) sec(i)
 *
 * R_v turns the image so that layers l lie parallel to the camera's face, by linear interpolation between four voxels with weights
 * that all slices share; D is a layer's thickness, M what attenuates between the middle of a voxel and the face, and g the response
 * of collimator and detector, a Gaussian of sigma(distance) across and along, made by blurring from level to level (camera-setup.ts).
 * Values are mm times the image's unit: line integrals, as the other projectors give them. Only the circle inscribed in the image is
 * seen, and of it nothing that lies behind the face.
 *
 * Fan beam: bin i's holes point at the focal line, so at distance d its samples lie at u_i (F - d) / F and the response, whose sigma
 * is meant in the object, is wider by F / (F - d) across; sec(i) is the slant of the holes. A bin reads what a sheet source would be
 * read evenly with: the holes' own sensitivity belongs to the uniformity correction.
 *
 * Tolerance of the compiled form against the float64 reference: 2e-6 of the largest value (products and sums of some hundred float32
 * values with a relative error of 6e-8 each; the exponential is right to 2e-7). Its adjoint is the adjoint of the same weights: dot
 * test 1e-6. Each slab of slices is summed by one thread in the order of the views, so the same input gives the same output
 * whatever the number of threads.
 *
 * @throws DataError `bad-camera`, `bad-response`, `bad-grid`, `grid-mismatch`, `bad-attenuation`; `shape-mismatch` when applied to
 *   arrays of other lengths, `bad-subset`
 * @see Zeng & Gullberg, IEEE Trans Nucl Sci 1992;39:1526-30 (rotation, incremental blur); McCarthy & Miller, IEEE Trans Med Imaging
 *   1991;10:426-36 (from the literature, not re-checked)
 */
export function cameraProjector(views: CameraViews, grid: ImageGrid, options: CameraOptions = {}): CameraProjector {
  const setup = cameraSetup(views, grid, options);
  const { attenuation } = options;
  if (attenuation) {
    const voxels = grid.shape[0] * grid.shape[1] * grid.shape[2];
    checkLength(attenuation, voxels, "attenuation map");
    if (!attenuation.every((mu) => mu >= 0 && mu < Number.POSITIVE_INFINITY)) {
      throw new DataError("bad-attenuation", "attenuation is 0 or more per cm in every voxel");
    }
  }
  return compiled(setup, attenuation) ?? reference(setup, attenuation);
}

/** @throws DataError `bad-subset` */
function checkSubset(chosen: readonly number[], views: number): void {
  if (chosen.length > 0 && chosen.every((v) => Number.isInteger(v) && v >= 0 && v < views)) return;
  throw new DataError("bad-subset", "a subset names views of the camera", {
    expected: `some of 0 to ${views - 1}`,
    found: chosen.length === 0 ? "none" : chosen.join(", "),
  });
}

function reference(setup: CameraSetup, attenuation: Float32Array | undefined): CameraProjector {
  const { views, grid } = setup;
  const domain = grid.shape[0] * grid.shape[1] * grid.shape[2];
  const perView = views.columns * views.rows;
  const all = Array.from(views.angles, (_, v) => v);
  const of = (chosen: readonly number[]): Projector => {
    const range = perView * chosen.length;
    return {
      kernel: "rotating camera, float64 reference",
      domain,
      range,
      newImage: () => new Float32Array(domain),
      newData: () => new Float32Array(range),
      forward(image, out = new Float32Array(range)) {
        checkLength(image, domain, "image");
        checkLength(out, range, "data");
        for (const [i, v] of chosen.entries()) out.set(projectView(setup, v, image, attenuation), i * perView);
        return out;
      },
      adjoint(data, out = new Float32Array(domain)) {
        checkLength(data, range, "data");
        checkLength(out, domain, "image");
        const sum = new Float64Array(domain);
        for (const [i, v] of chosen.entries()) {
          backProjectView(setup, v, data.subarray(i * perView, (i + 1) * perView), sum, attenuation);
        }
        out.set(sum);
        return out;
      },
      close: () => undefined,
    };
  };
  return {
    ...of(all),
    views,
    subset(chosen) {
      checkSubset(chosen, all.length);
      return of(chosen);
    },
  };
}

function compiled(setup: CameraSetup, map: Float32Array | undefined): CameraProjector | undefined {
  if (!sharedModules().some(([name]) => name === "rotating-camera")) return undefined;
  const crew = new Crew(crewThreads());
  const { views, grid, layers, steps } = setup;
  const [nx, ny, nz] = grid.shape;
  const domain = nx * ny * nz;
  const slabs = Math.ceil(nz / slabRows);
  const [marginX, marginZ] = [setup.margin[0], 8 * Math.ceil(setup.margin[1] / 8)];
  const [wide, high] = [views.columns + 2 * marginX, slabs * slabRows + 2 * marginZ];
  const rim = (nx + 2) * (ny + 2);
  const put = (values: Float64Array | Float32Array): number => {
    const at = crew.room(values.byteLength);
    new Uint8Array(crew.buffer, at, values.byteLength).set(
      new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
    );
    return at;
  };
  const [cells, flags] = [crew.room(64 * rim * slabs), crew.room(rim * slabs)];
  const [mapCells, mapFlags] = map ? [crew.room(64 * rim * slabs), crew.room(rim * slabs)] : [0, 0];
  const viewTable = put(
    Float64Array.from([...views.angles].flatMap((a, v) => [Math.cos(a), Math.sin(a), views.offsets?.[v] ?? 0, 0])),
  );
  const layerCount = layers[0].length;
  const layerTable = crew.room(32 * layerCount * layers.length);
  const thickness = grid.size[0];
  for (const [i, { at, scale, level, share }] of layers.flat().entries()) {
    const record = layerTable + 32 * i;
    new Float64Array(crew.buffer, record, 2).set([at, scale]);
    new Int32Array(crew.buffer, record + 16, 1)[0] = level;
    crew.floats(record + 20, 2).set([(1 - share) * thickness, share * thickness]);
  }
  const stepTable = crew.room(32 * steps.length);
  for (const [k, { across, along, to }] of steps.entries()) {
    const taps = [across, along].map((weights) => put(Float32Array.from(weights)));
    new Int32Array(crew.buffer, stepTable + 32 * k, 5).set([across.length, along.length, ...taps, to]);
  }
  const paths = put(Float32Array.from(setup.halfPath, (mm) => -mm / 10));
  const planesBytes = 64 * Math.ceil((4 * wide * high * steps.length) / 64);
  const held = Math.min(mostBatch, views.angles.length);
  const planes = crew.room(planesBytes * held);
  const scratchBytes =
    64 * Math.ceil((64 * (views.columns + 1) + 4 * high + 512 + 4 * Math.max(wide * high, high)) / 64);
  const scratch = crew.room(scratchBytes * crew.threads);
  const chosenAt = crew.room(4 * views.angles.length);
  const imageStage = crew.room(4 * domain);
  const plan = crew.room(256);
  new Float64Array(crew.buffer, plan, 7).set([
    views.size[0],
    1 / grid.size[0],
    setup.radius ** 2,
    (nx - 1) / 2,
    (ny - 1) / 2,
    (views.columns - 1) / 2,
  ]);
  const fields = new Uint32Array(crew.buffer, plan + 64, 29);
  fields.set([nx, ny, nz, views.columns, layerCount, slabs, steps.length, marginX, marginZ, high, wide]);
  fields.set([cells, flags, mapCells, mapFlags, viewTable, layerTable, paths, chosenAt, planes, planesBytes], 11);
  fields.set([scratch, scratchBytes, stepTable], 21);
  const place = { imageFrom: 24, imageTo: 25, data: 26, batch: 27, first: 28 } as const;
  if (map) {
    fields[place.imageFrom] = crew.bring(map, () => imageStage);
    crew.run("rotating-camera.bring", slabs, plan, 1);
  }
  const perView = views.columns * views.rows;
  let dataStage: { readonly at: number; readonly values: number } | undefined;
  const stageFor = (values: number): number => {
    if (!dataStage || dataStage.values < values) dataStage = { at: crew.room(4 * values), values };
    return dataStage.at;
  };
  const of = (chosen: readonly number[]): Projector => {
    const range = perView * chosen.length;
    const batches = function* (): Generator<number> {
      new Int32Array(crew.buffer, chosenAt, chosen.length).set(chosen);
      for (let first = 0; first < chosen.length; first += held) {
        fields[place.first] = first;
        fields[place.batch] = Math.min(held, chosen.length - first);
        yield fields[place.batch];
      }
    };
    return {
      kernel: `rotating camera, ${steps.length} levels of blur, ${crew.threads} ${crew.threads > 1 ? "threads" : "thread"}`,
      domain,
      range,
      newImage: () => crew.floats(crew.room(4 * domain), domain),
      newData: () => crew.floats(crew.room(4 * range), range),
      forward(image, out = new Float32Array(range)) {
        checkLength(image, domain, "image");
        checkLength(out, range, "data");
        fields[place.imageFrom] = crew.bring(image, () => imageStage);
        const to = crew.addressOf(out) ?? stageFor(range);
        fields[place.data] = to;
        crew.run("rotating-camera.bring", slabs, plan, 0);
        for (const batch of batches()) {
          crew.run("rotating-camera.gather", batch * slabs, plan);
          crew.run("rotating-camera.blur", batch, plan);
        }
        return crew.fetch(to, out);
      },
      adjoint(data, out = new Float32Array(domain)) {
        checkLength(data, range, "data");
        checkLength(out, domain, "image");
        fields[place.data] = crew.bring(data, () => stageFor(range));
        const to = crew.addressOf(out) ?? imageStage;
        fields[place.imageTo] = to;
        crew.run("rotating-camera.clear", slabs, plan);
        for (const batch of batches()) {
          crew.run("rotating-camera.unblur", batch, plan);
          crew.run("rotating-camera.scatter", slabs, plan);
        }
        crew.run("rotating-camera.take", slabs, plan);
        return crew.fetch(to, out);
      },
      close: () => undefined,
    };
  };
  return {
    ...of(Array.from(views.angles, (_, v) => v)),
    views,
    subset(chosen) {
      checkSubset(chosen, views.angles.length);
      if (chosen.length > views.angles.length)
        throw new DataError("bad-subset", "a subset has no more views than the camera");
      return of(chosen);
    },
    close: () => crew.close(),
  };
}
