// The sources of <dcgan-plane>, from which its part of the custom-elements manifest is derived.
import type { ElementSources } from '../elements/manifest.ts';
import { attributes } from './attributes.ts';

/** The plane. */
export const planeSources: ElementSources = {
  tag: 'dcgan-plane',
  className: 'DcganPlane',
  description: 'GANs that learn points in the plane, side by side from one seed',
  path: 'dist/plane.js',
  table: attributes,
  attributes: 'plane/attributes.ts',
  events: 'plane/events.ts',
  element: 'plane/plane-element.ts',
  shadow: ['plane/template.ts', 'plane/panel.ts'],
  css: ['plane/plane.css'],
  slots: {},
};
