// The entry `dcgan-viewer/plane`: registers <dcgan-plane>. What trains is the entry `dcgan-viewer/train`, which it imports when training
// starts; the bundle holds no copy of it.
import { definePlane } from './plane/plane-element.ts';

definePlane();
export { DcganPlane, definePlane } from './plane/plane-element.ts';
export type { DcganPlaneAttributes } from './plane/elements.ts';
export type { PlaneEvents } from './plane/events.ts';
export type { PanelFigures } from './plane/panel.ts';
export type { PlaneStrings } from './plane/strings.ts';
