// Hair in three layers: behind the head, in front of the shoulders, and on the head, where its lower edge (the hairline) turns
// with the head.
import type { AvatarAttributes } from './attributes.ts';
import type { Ink, Shape } from './canvas.ts';
import { newSurface } from './head.ts';
import type { Scene } from './scene.ts';
import { clamp, ellipse, roundedBox, smoothstep, stroke, union } from './shapes.ts';

/** Upper limit of the hair under a hat, in the plane's y; curls beside the hat may be higher. */
const underHat = -0.34;

/** Scale of the hair's outline relative to the head's. */
const volume = 1.1;

/** Draws the hair behind head and body. */
export function drawBackHair(scene: Scene): void {
  const { canvas, head, attributes } = scene;
  const { hairStyle, hairLength } = attributes;
  const { centreX, centreY } = head;
  const behind = centreX - 0.1 * Math.sin(head.turn);
  if (hairStyle === 'curly') {
    const radius = 0.6 + 0.19 * hairLength;
    const middle = centreY - 0.12 + 0.16 * hairLength;
    canvas.paint(
      [-1, -1, 1, 1],
      cloud(behind, middle, radius, radius * 0.98, 0.055),
      hairInk(scene, behind, middle, radius, 0.75),
    );
    return;
  }
  if (hairStyle === 'pigtails') {
    drawPigtails(scene);
    return;
  }
  const cap = ellipse(behind, centreY - 0.04, head.halfWidth * 1.12, 0.605);
  const bottom = bottomOf(attributes);
  const half = head.halfWidth * 1.08 + 0.06 * hairLength;
  const top = centreY - 0.1;
  const curtain = roundedBox(behind, (top + bottom) / 2, half, (bottom - top) / 2, 0.12);
  const ragged: Shape =
    hairStyle === 'spiky'
      ? (x, y) => Math.min(cap(x, y), curtain(x, y + 0.07 * zigzag((x - behind) * 4.5)))
      : (x, y) => Math.min(cap(x, y), curtain(x, y));
  canvas.paint(
    [-1, attributes.hat ? underHat : -1, 1, 1],
    ragged,
    hairInk(scene, behind, centreY, 0.75, 0.8),
  );
}

/** Draws the hair in front of the shoulders, on both sides of the neck. */
export function drawFrontLocks(scene: Scene): void {
  const { canvas, head, attributes } = scene;
  const { hairStyle, hairLength } = attributes;
  if (hairStyle === 'curly' || hairStyle === 'pigtails' || hairLength < 0.25) return;
  const bottom = bottomOf(attributes);
  const behind = head.centreX - 0.1 * Math.sin(head.turn);
  const half = head.halfWidth * 1.08 + 0.06 * hairLength;
  for (const side of [-1, 1]) {
    const outer = behind + side * (half - 0.12);
    const lock = stroke(outer, 0.1, outer - side * 0.03, bottom - 0.1, 0.12, 0.1);
    const shape: Shape =
      hairStyle === 'spiky' ? (x, y) => lock(x, y + 0.05 * zigzag((x - behind) * 6)) : lock;
    canvas.paint([outer - 0.25, 0, outer + 0.25, 1], shape, hairInk(scene, behind, head.centreY, 0.75, 0.85));
  }
}

/** Draws the hair on the head, down to the hairline. */
export function drawFrontHair(scene: Scene): void {
  const { canvas, head, attributes } = scene;
  const { hairStyle } = attributes;
  const at = newSurface();
  const outline = head.outline(volume);
  const scale = head.halfHeight * volume;
  const isSpiky = hairStyle === 'spiky';
  const isCurly = hairStyle === 'curly';
  const shape: Shape = (x, y) => {
    // Flatter at the temples than on top.
    let edge = outline(x, y) + 0.045 * smoothstep(-0.3, 0.02, y);
    if (isSpiky || isCurly) {
      const angle = Math.atan2(x - head.centreX, head.centreY - y);
      const side = Math.abs(angle);
      if (isSpiky) edge -= 0.15 * (0.5 + 0.5 * zigzag(angle * 2.1 + 0.5)) * (1 - smoothstep(0.8, 1.2, side));
      if (isCurly) edge -= 0.05 * Math.abs(Math.sin(angle * 4.5)) * (1 - smoothstep(1, 1.4, side));
    }
    if (edge > 0.05) return edge;
    head.surface(x, y, volume, at);
    const below = at.height - hairline(hairStyle, at.longitude);
    if (Math.abs(below) > 0.3) return Math.max(edge, below);
    // Divided by the slope's length, because the nearest point of a steep hairline is not straight above or below.
    const wide = head.halfWidthAt(at.height) * volume * Math.cos(at.longitude + head.turn) + 0.02;
    const rise = (hairline(hairStyle, at.longitude + 0.02) - hairline(hairStyle, at.longitude - 0.02)) / 0.04;
    const slope = (rise * scale) / wide;
    return Math.max(edge, (below * scale) / Math.sqrt(1 + slope * slope));
  };
  const { centreX, centreY, halfWidth } = head;
  const reach = halfWidth * 1.35;
  const box = [centreX - reach, attributes.hat ? underHat : -1, centreX + reach, centreY + 0.45] as const;
  const shadow: Shape = (x, y) => shape(x - 0.03 * scene.light.x, y - 0.035);
  const skinOutline = head.outline();
  canvas.paint(box, (x, y) => Math.max(shadow(x, y), skinOutline(x, y)), [0.28, 0.1, 0.1], 0.3, 0.06);
  canvas.paint(box, shape, hairInk(scene, centreX, centreY, reach * 0.82, 1));
}

/** Height of the hairline at a longitude; the hair is above it. */
function hairline(style: AvatarAttributes['hairStyle'], longitude: number): number {
  const side = Math.abs(longitude);
  const temple = smoothstep(0.85, 1.15, side);
  const nape = 0.02 + 0.5 * smoothstep(1.5, 1.9, side);
  let front: number;
  switch (style) {
    case 'swept': {
      // Parted on one side and swept to the other.
      const t = clamp((longitude + 0.5) / 1.5, -0.4, 1);
      front = t < 0 ? -0.68 - 0.9 * t * t - 0.9 * t : -0.68 + 0.42 * t * t;
      break;
    }
    case 'fringe':
      front = -0.47 + 0.05 * Math.abs(Math.sin(longitude * 5)) + 0.06 * side;
      break;
    case 'curly':
      front = -0.5 + 0.07 * Math.abs(Math.cos(longitude * 4));
      break;
    case 'spiky':
      front = -0.5 + 0.13 * zigzag(longitude * 2.6 + 0.15);
      break;
    case 'pigtails':
      front = -0.74 + 0.42 * side * side;
      break;
  }
  return front + (nape - front) * temple;
}

function drawPigtails(scene: Scene): void {
  const { canvas, head, attributes } = scene;
  const length = 0.2 + 0.55 * attributes.hairLength;
  for (const side of [-1, 1]) {
    const { x, y } = head.spot(side * 1.75, -0.12, 1.16);
    const outer = x + side * 0.1;
    const bulge = 0.13 + 0.04 * attributes.hairLength;
    const tail = union([
      stroke(x, y, outer, y + length * 0.45, 0.09, bulge),
      stroke(outer, y + length * 0.45, outer + side * 0.02, y + length, bulge, 0.05),
    ]);
    const box = [outer - 0.3, y - 0.15, outer + 0.3, 1] as const;
    canvas.paint(box, tail, hairInk(scene, outer, y + length / 2, 0.3, 0.9));
  }
  const { centreX, centreY, halfWidth } = head;
  canvas.paint(
    [-1, -1, 1, 1],
    ellipse(centreX, centreY - 0.08, halfWidth * 1.06, 0.58),
    hairInk(scene, centreX, centreY, 0.75, 0.7),
  );
}

/** The plane's y of the hair's lower end. */
function bottomOf({ hairLength }: AvatarAttributes): number {
  return 0.25 + 0.66 * hairLength;
}

/** Hair colour, shaded as a ball, with strands and gloss; `depth` below 1 darkens hair in the background. */
function hairInk({ hair, light }: Scene, cx: number, cy: number, radius: number, depth: number): Ink {
  return (x, y, out) => {
    const u = clamp((x - cx) / radius, -1, 1);
    const v = clamp((y - cy) / radius, -1, 1);
    const nz = Math.sqrt(Math.max(0.05, 1 - u * u - v * v));
    const lit = light.on(u, v, nz);
    const strands = 1 + 0.06 * Math.sin(Math.atan2(u, 0.4 - v) * 22);
    const level = (0.62 + 0.5 * lit) * strands * depth;
    const towards = u * light.x + v * light.y + nz * light.z;
    const gloss = depth < 1 ? 0 : 0.24 * nz * Math.exp(-(((towards - 0.86) / 0.07) ** 2));
    for (let c = 0; c < 3; c++) out[c] = Math.min(1, hair[c]! * level + gloss * (0.35 + 0.65 * hair[c]!));
  };
}

/** An ellipse with a bumpy edge, for curls. */
function cloud(cx: number, cy: number, rx: number, ry: number, bump: number): Shape {
  const base = ellipse(cx, cy, rx, ry);
  return (x, y) => base(x, y) - bump * Math.abs(Math.sin(Math.atan2(x - cx, y - cy) * 6.5));
}

/** A triangle wave of period 1 between -1 and 1. */
function zigzag(t: number): number {
  return 4 * Math.abs(t - Math.floor(t) - 0.5) - 1;
}
