/** Distance to the nearest voxel of the mask by looking at every one of them, float64. */
type Triple = readonly [x: number, y: number, z: number];

export function distanceTransformReference(mask: Uint8Array, shape: Triple, spacing: Triple): Float64Array {
  const [nx, ny] = shape;
  const place = (i: number): Triple => [i % nx, Math.floor(i / nx) % ny, Math.floor(i / (nx * ny))];
  const inside = [...mask.keys()].filter((i) => mask[i] !== 0).map(place);
  return Float64Array.from(mask, (_, i) => {
    const [x, y, z] = place(i);
    let least = Number.POSITIVE_INFINITY;
    for (const [px, py, pz] of inside) {
      least = Math.min(least, Math.hypot((x - px) * spacing[0], (y - py) * spacing[1], (z - pz) * spacing[2]));
    }
    return least;
  });
}
