// The head: an egg-shaped solid that turns. Parts of the face are placed by longitude (radians; 0 is the nose, positive to the
// image's right) and height (-1 crown to 1 chin), so that a turn moves them in perspective.
import type { AvatarAttributes } from './attributes.ts';
import type { Shape } from './canvas.ts';
import { clamp } from './shapes.ts';

/** A point of the head, projected to the image. */
export interface Spot {
  readonly x: number;
  readonly y: number;
  /** Horizontal foreshortening: 1 if seen from the front, 0.05 (its minimum) at the outline. */
  readonly squeeze: number;
}

/** Geometry of one head. */
export class Head {
  readonly centreX: number;
  readonly centreY = 0;
  readonly halfWidth: number;
  readonly halfHeight = 0.565;
  /** Turn of the head in radians, positive to the image's right. */
  readonly turn: number;
  private readonly jaw: number;

  constructor({ yaw, faceShape }: Pick<AvatarAttributes, 'yaw' | 'faceShape'>) {
    this.turn = 0.6 * yaw;
    this.centreX = 0.035 * yaw;
    this.halfWidth = 0.495 + 0.035 * faceShape;
    this.jaw = 0.02 + 0.14 * faceShape;
  }

  /** Projects a point to the image. @param lift Distance from the axis: 1 is on the skin, more is above it. */
  spot(longitude: number, height: number, lift = 1): Spot {
    const angle = longitude + this.turn;
    return {
      x: this.centreX + lift * this.halfWidthAt(height) * Math.sin(angle),
      y: this.centreY + this.halfHeight * height,
      squeeze: Math.max(0.05, Math.cos(angle)),
    };
  }

  /** Half of the outline's width at a height. */
  halfWidthAt(height: number): number {
    return this.halfWidth * this.taper(height) * Math.sqrt(Math.max(0, 1 - height * height));
  }

  /** The head's outline, enlarged by `scale`. */
  outline(scale = 1): Shape {
    const b = this.halfHeight * scale;
    return (x, y) => {
      const v = (y - this.centreY) / b;
      const a = this.halfWidth * scale * this.taper(v);
      const u = (x - this.centreX) / a;
      const level = Math.sqrt(u * u + v * v);
      if (level < 1e-6) return -a;
      return ((level - 1) * level) / Math.sqrt((u * u) / (a * a) + (v * v) / (b * b));
    };
  }

  /** Writes the point of the head, enlarged by `scale`, that is visible at (x, y) into `out`. */
  surface(x: number, y: number, scale: number, out: Surface): void {
    const v = (y - this.centreY) / (this.halfHeight * scale);
    const u = (x - this.centreX) / (this.halfWidth * scale * this.taper(v));
    const ring = Math.sqrt(Math.max(1e-4, 1 - v * v));
    out.longitude = Math.asin(clamp(u / ring, -1, 1)) - this.turn;
    out.height = v;
    const length = Math.max(1, Math.sqrt(u * u + v * v));
    out.nx = u / length;
    out.ny = v / length;
    out.nz = Math.sqrt(Math.max(0, 1 - out.nx * out.nx - out.ny * out.ny));
  }

  /** Width of the outline at a height relative to an ellipse: the shape of the jaw. */
  private taper(height: number): number {
    const low = clamp(height, 0, 1);
    return 1 + this.jaw * low * low * (3 - 2 * low);
  }
}

/** A point of the head's surface, with its unit normal. */
export interface Surface {
  longitude: number;
  height: number;
  nx: number;
  ny: number;
  nz: number;
}

/** An output for {@link Head.surface}. */
export function newSurface(): Surface {
  return { longitude: 0, height: 0, nx: 0, ny: 0, nz: 1 };
}
