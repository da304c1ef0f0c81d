// Draws an avatar from its attributes, back to front.
import { drawEarring, drawGlasses, drawHat } from './accessories.ts';
import type { AvatarAttributes } from './attributes.ts';
import { drawBackground, drawBody } from './backdrop.ts';
import { drawBeard } from './beard.ts';
import { drawBrows, drawEyes } from './eyes.ts';
import { drawEar, drawFreckles, drawNose, drawSkin } from './face.ts';
import { drawBackHair, drawFrontHair, drawFrontLocks } from './hair.ts';
import { drawMouth } from './mouth.ts';
import { newScene } from './scene.ts';

/**
 * Draws an avatar, [size, size, 3] uint8; the same attributes always give the same image, and the same face at every size.
 * @param size pixels, 8 to 1024. Throws RangeError.
 */
export function drawAvatar(attributes: AvatarAttributes, size: number): Uint8Array {
  if (!Number.isInteger(size) || size < 8 || size > 1024) {
    throw new RangeError(`avatar size: got ${size}, expected an integer in [8, 1024]`);
  }
  const scene = newScene(attributes, size);
  // A face turned to the right shows its left ear; the other one is behind the head.
  const nearEar = attributes.yaw > 0 ? -1 : 1;
  const farEar = nearEar === 1 ? -1 : 1;
  drawBackground(scene);
  drawBackHair(scene);
  drawBody(scene);
  drawFrontLocks(scene);
  drawEar(scene, farEar);
  if (attributes.earrings) drawEarring(scene, farEar);
  drawSkin(scene);
  if (attributes.freckles) drawFreckles(scene);
  if (attributes.beard) drawBeard(scene);
  drawMouth(scene);
  drawEyes(scene);
  drawFrontHair(scene);
  drawBrows(scene);
  drawNose(scene);
  drawEar(scene, nearEar);
  if (attributes.earrings) drawEarring(scene, nearEar);
  if (attributes.glasses) drawGlasses(scene);
  if (attributes.hat) drawHat(scene);
  return scene.canvas.toBytes();
}
