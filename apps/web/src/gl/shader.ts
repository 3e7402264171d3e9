/**
 * The one blend of the workstation as GLSL: what packages/view/src/station/blend.ts says, per pixel.
 *
 * A program is made for each kind of stack (how many layers, which of them labels, contours or modulated), so that no
 * pixel pays for what is not shown. Texture coordinates are affine in world mm and interpolated between corners: exact.
 */

export interface LayerKind {
  /** "value": colour-mapped; "contour": lines at quarters of the range; "edges": where it is steep; "labels": outlined regions. */
  readonly kind: "value" | "contour" | "edges" | "labels";
  readonly confidence: boolean;
  /** Seen through a curtain or a checkerboard only. */
  readonly parted: boolean;
  /** Alpha rises with |v|, not with v. */
  readonly magnitude: boolean;
}

export type ShaderForm = "slice" | "mesh";

export const kindsKey = (kinds: readonly LayerKind[]): string =>
  kinds
    .map((k) => `${k.kind.slice(0, 2)}${k.confidence ? "c" : ""}${k.parted ? "p" : ""}${k.magnitude ? "m" : ""}`)
    .join(" ");

const vertexCommon = (kinds: readonly LayerKind[]): string =>
  kinds
    .map(
      (k, i) =>
        `uniform mat4 toTexture${i}; out vec3 at${i};${k.confidence ? ` uniform mat4 toConfidence${i}; out vec3 sure${i};` : ""}`,
    )
    .join("\n");

const vertexCoordinates = (kinds: readonly LayerKind[]): string =>
  kinds
    .map(
      (k, i) =>
        `at${i} = (toTexture${i} * inside).xyz;${k.confidence ? ` sure${i} = (toConfidence${i} * inside).xyz;` : ""}`,
    )
    .join("\n  ");

/** Covers the pane; `corner`, `right` and `down` span it in world mm. */
export const sliceVertex = (kinds: readonly LayerKind[]): string => `#version 300 es
precision highp float;
uniform vec3 corner; uniform vec3 right; uniform vec3 down;
out vec2 place;
${vertexCommon(kinds)}
void main() {
  place = vec2(gl_VertexID & 1, gl_VertexID >> 1);
  vec4 inside = vec4(corner + place.x * right + place.y * down, 1.0);
  ${vertexCoordinates(kinds)}
  gl_Position = vec4(place.x * 2.0 - 1.0, 1.0 - place.y * 2.0, 0.0, 1.0);
}`;

/** A mesh in the 3D pane, lit from the eye; layers are sampled at each vertex's own place in the head. */
export const meshVertex = (kinds: readonly LayerKind[]): string => `#version 300 es
precision highp float;
layout(location = 0) in vec3 position; layout(location = 1) in vec3 normal; layout(location = 2) in vec3 read;
uniform mat4 camera; uniform vec3 toward;
out vec2 place; out float light;
${vertexCommon(kinds)}
void main() {
  place = vec2(0.0);
  vec4 inside = vec4(read, 1.0);
  float facing = abs(dot(normal, toward));
  light = dot(normal, normal) > 0.0 ? 0.25 + 0.75 * facing : 1.0;
  ${vertexCoordinates(kinds)}
  gl_Position = camera * vec4(position, 1.0);
}`;

const layerUniforms = (kinds: readonly LayerKind[]): string =>
  kinds
    .map(
      (k, i) =>
        `uniform sampler3D volume${i}; in vec3 at${i}; uniform vec3 low${i}; uniform vec3 high${i}; uniform vec4 value${i}; uniform vec4 ramp${i}; uniform vec4 look${i};${
          k.confidence ? ` uniform sampler3D confidence${i}; in vec3 sure${i};` : ""
        }`,
    )
    .join("\n");

// value: scale and offset of stored numbers, 1/(high - low), -low/(high - low); ramp: from, 1/(full - from), until, magnitude;
// look: opacity, row of the colour table, part (1 swipe, 2 checkerboard), pixels in 1.5 mm.
function layerCode({ kind, confidence, parted, magnitude }: LayerKind, i: number): string {
  const seen = `clamp(at${i}, low${i}, high${i}) == at${i}`;
  const sure = `textureLod(confidence${i}, sure${i}, 0.0).r * float(clamp(sure${i}, 0.0, 1.0) == sure${i})`;
  const shares = `${parted ? ` * part(look${i}.z)` : ""}${confidence ? ` * ${sure}` : ""}`;
  if (kind === "labels") {
    return `{
    vec3 dx = dFdx(at${i}), dy = dFdy(at${i});
    float n = label(volume${i}, at${i}, value${i});
    bool edge = n != label(volume${i}, at${i} + dx, value${i}) || n != label(volume${i}, at${i} + dy, value${i});
    float a = float(${seen})${shares};
    if (a > 0.0 && (n > 0.5 || edge)) colour = mix(colour, labelColour(n), a * (edge ? max(look${i}.x, 0.85) : 0.45 * look${i}.x));
  }`;
  }
  if (kind === "contour") {
    return `{
    float v = textureLod(volume${i}, clamp(at${i}, 0.0, 1.0), 0.0).r * value${i}.x + value${i}.y;
    float q = (v * value${i}.z + value${i}.w) * 4.0;
    float away = abs(fract(q + 0.5) - 0.5) / max(fwidth(q), 1e-6);
    float m = abs(v);
    if (away < 0.9 && q > 0.5 && q < 4.5 && float(${seen})${shares} > 0.0 && (ramp${i}.w == 0.0 || m >= ramp${i}.x))
      colour = mix(colour, tone(q / 4.0, look${i}.y), max(look${i}.x, 0.5));
  }`;
  }
  // Steepness across 3 mm, as a share of the window; look.w is 1.5 mm in pixels.
  if (kind === "edges") {
    const read = (step: string): string => `textureLod(volume${i}, clamp(at${i} ${step}, 0.0, 1.0), 0.0).r`;
    return `{
    vec3 dx = dFdx(at${i}) * look${i}.w, dy = dFdy(at${i}) * look${i}.w;
    if (${seen}) {
      vec2 rise = vec2(${read("+ dx")} - ${read("- dx")}, ${read("+ dy")} - ${read("- dy")});
      float steep = length(rise) * value${i}.x * value${i}.z;
      colour = mix(colour, vec3(0.35, 1.0, 0.45), smoothstep(0.1, 0.35, steep) * look${i}.x${shares});
    }
  }`;
  }
  return `if (${seen}) {
    float v = textureLod(volume${i}, at${i}, 0.0).r * value${i}.x + value${i}.y;
    float m = ${magnitude ? "abs(v)" : "v"};
    float a = m > ramp${i}.z ? 0.0 : clamp((m - ramp${i}.x) * ramp${i}.y, 0.0, 1.0) * look${i}.x${shares};
    if (a > 0.0) colour = mix(colour, tone(v * value${i}.z + value${i}.w, look${i}.y), a);
  }`;
}

const partCode = `float part(float mode) {
  if (mode < 1.5) return step(place.x, swipe);
  vec2 square = floor(place * checks);
  return mod(square.x + square.y, 2.0);
}`;

const labelsCode = `float label(sampler3D volume, vec3 t, vec4 value) { return floor(textureLod(volume, t, 0.0).r * value.x + value.y + 0.5); }
vec3 labelColour(float n) {
  // The golden angle around the circle of hues: neighbours in number differ in colour.
  float h = fract(n * 0.38196601) * 6.0;
  return clamp(vec3(abs(h - 3.0) - 1.0, 2.0 - abs(h - 2.0), 2.0 - abs(h - 4.0)), 0.0, 1.0) * 0.75 + 0.25;
}`;

// Air in the planes of the 3D pane hides nothing behind it.
const meshEnd = `if (hollow > 0.5 && max(colour.r, max(colour.g, colour.b)) < 0.06) discard;
  painted = vec4(colour * light, opaque);`;

export const fragment = (form: ShaderForm, kinds: readonly LayerKind[]): string => `#version 300 es
precision highp float; precision highp int; precision highp sampler3D;
in vec2 place; ${form === "mesh" ? "in float light; uniform vec3 base; uniform float opaque; uniform float hollow;" : ""}
uniform sampler2D tables; uniform float swipe; uniform vec2 checks;
${layerUniforms(kinds)}
out vec4 painted;
vec3 tone(float t, float row) { return texelFetch(tables, ivec2(int(clamp(t, 0.0, 1.0) * 255.0 + 0.5), int(row)), 0).rgb; }
${partCode}
${labelsCode}
void main() {
  vec3 colour = ${form === "mesh" ? "base" : "vec3(0.0)"};
  ${kinds.map(layerCode).join("\n  ")}
  ${form === "mesh" ? meshEnd : "painted = vec4(colour, 1.0);"}
}`;

/** Electrodes and optodes: round dots of \`size\` pixels. */
export const dotVertex = `#version 300 es
precision highp float;
layout(location = 0) in vec3 position; layout(location = 1) in vec4 tint; layout(location = 2) in float size;
uniform mat4 camera; out vec4 colour;
void main() { colour = tint; gl_Position = camera * vec4(position, 1.0); gl_PointSize = size; }`;

export const dotFragment = `#version 300 es
precision highp float;
in vec4 colour; out vec4 painted;
void main() {
  float r = length(gl_PointCoord - 0.5) * 2.0;
  if (r > 1.0) discard;
  painted = vec4(r > 0.72 ? vec3(0.04) : colour.rgb, colour.a);
}`;

/** Corners in pixels from the pane's upper left. */
export const lineVertex = `#version 300 es
precision highp float;
layout(location = 0) in vec2 place; uniform vec2 size;
void main() { gl_Position = vec4(2.0 * place.x / size.x - 1.0, 1.0 - 2.0 * place.y / size.y, 0.0, 1.0); }`;

export const lineFragment = `#version 300 es
precision highp float;
uniform vec3 tint; out vec4 painted;
void main() { painted = vec4(tint, 1.0); }`;
