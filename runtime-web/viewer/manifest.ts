// The sources of <dcgan-viewer>, from which its part of the custom-elements manifest is derived.
import type { ElementSources } from '../elements/manifest.ts';
import { attributes } from './attributes.ts';

/** The viewer. */
export const viewerSources: ElementSources = {
  tag: 'dcgan-viewer',
  className: 'DcganViewer',
  description: 'A live image generator',
  path: 'dist/element.js',
  table: attributes,
  attributes: 'viewer/attributes.ts',
  events: 'viewer/events.ts',
  element: 'viewer/viewer.ts',
  shadow: ['viewer/template.ts', 'viewer/buttons.ts'],
  css: ['viewer/viewer.css', 'viewer/buttons.css'],
  slots: {
    poster: 'Shown until the first image is generated',
    error: 'Shown when loading or generating failed',
    controls: 'Replaces the buttons, where the attribute controls shows them',
  },
};
