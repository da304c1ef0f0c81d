// The sources of <dcgan-trainer>, from which its part of the custom-elements manifest is derived.
import type { ElementSources } from '../elements/manifest.ts';
import { attributes } from './attributes.ts';

const file = (name: string): string => `trainer-element/${name}`;

/** The trainer. */
export const trainerSources: ElementSources = {
  tag: 'dcgan-trainer',
  className: 'DcganTrainer',
  description: 'A GAN that learns in the page',
  path: 'dist/trainer.js',
  table: attributes,
  attributes: file('attributes.ts'),
  events: file('events.ts'),
  element: file('trainer-element.ts'),
  shadow: [
    'template',
    'controls',
    'charts',
    'panel',
    'own-panel',
    'keep-panel',
    'offer-panel',
    'cropper',
  ].map((name) => file(`${name}.ts`)),
  css: [file('trainer.css'), file('controls.css')],
  slots: {
    poster: 'Shown until the first pictures are there',
    error: 'Shown when loading or training failed',
    controls: 'Replaces the buttons and the timeline, where the attribute controls shows them',
  },
};
