// Signed distance functions of simple 2D shapes, after Inigo Quilez's collection (iquilezles.org/articles/distfunctions2d).
import type { Shape } from './canvas.ts';

/** An ellipse around (cx, cy); the distance is a first-order approximation, enough for a smooth edge. */
export function ellipse(cx: number, cy: number, rx: number, ry: number): Shape {
  return (x, y) => {
    const u = (x - cx) / rx;
    const v = (y - cy) / ry;
    const level = Math.sqrt(u * u + v * v);
    if (level < 1e-6) return -Math.min(rx, ry);
    const slope = Math.sqrt((u * u) / (rx * rx) + (v * v) / (ry * ry)) / level;
    return (level - 1) / slope;
  };
}

/** A rectangle around (cx, cy) with rounded corners. */
export function roundedBox(
  cx: number,
  cy: number,
  halfWidth: number,
  halfHeight: number,
  radius: number,
): Shape {
  return (x, y) => {
    const dx = Math.abs(x - cx) - halfWidth + radius;
    const dy = Math.abs(y - cy) - halfHeight + radius;
    const outside = Math.sqrt(Math.max(dx, 0) ** 2 + Math.max(dy, 0) ** 2);
    return outside + Math.min(Math.max(dx, dy), 0) - radius;
  };
}

/** A line from (ax, ay) to (bx, by) with round ends of radius `ra` and `rb`. */
export function stroke(ax: number, ay: number, bx: number, by: number, ra: number, rb = ra): Shape {
  const dx = bx - ax;
  const dy = by - ay;
  const square = dx * dx + dy * dy + 1e-12;
  return (x, y) => {
    const along = clamp(((x - ax) * dx + (y - ay) * dy) / square, 0, 1);
    const px = x - ax - along * dx;
    const py = y - ay - along * dy;
    return Math.sqrt(px * px + py * py) - (ra + (rb - ra) * along);
  };
}

/** A parabolic arc through (-w, 0), (0, sag), (w, 0) around (cx, cy), `thickness` to either side; it sags down if sag > 0. */
export function arc(cx: number, cy: number, w: number, sag: number, thickness: number): Shape {
  const pieces: Shape[] = [];
  const steps = 6;
  const at = (i: number): [number, number] => {
    const t = (2 * i) / steps - 1;
    return [cx + w * t, cy + sag * (1 - t * t)];
  };
  for (let i = 0; i < steps; i++) {
    const [ax, ay] = at(i);
    const [bx, by] = at(i + 1);
    // Thinner towards both ends, like a brush.
    const thick = (j: number): number => thickness * (1 - 0.45 * Math.abs((2 * j) / steps - 1) ** 2);
    pieces.push(stroke(ax, ay, bx, by, thick(i), thick(i + 1)));
  }
  return union(pieces);
}

/** The union of shapes. */
export function union(shapes: readonly Shape[]): Shape {
  return (x, y) => {
    let nearest = Infinity;
    for (let i = 0; i < shapes.length; i++) nearest = Math.min(nearest, shapes[i]!(x, y));
    return nearest;
  };
}

/** `value`, limited to [low, high]. */
export function clamp(value: number, low: number, high: number): number {
  return value < low ? low : value > high ? high : value;
}

/** 0 below `low`, 1 above `high`, smooth in between. */
export function smoothstep(low: number, high: number, value: number): number {
  const t = clamp((value - low) / (high - low), 0, 1);
  return t * t * (3 - 2 * t);
}
