// The custom-elements manifest (schema 1.0.0), made from the element's own tables, so that editors and catalogues know it.
import { flagAttributes, valueAttributes } from './attributes.ts';

const about: Readonly<Record<string, string>> = {
  src: "URL of the package's model.json",
  alt: 'What the picture shows, for those who do not see it',
  poster: 'URL of a picture to show until the first one is drawn',
  loading: 'auto and eager load at once, lazy when the element comes near the screen',
  reveal: 'interaction waits for a click or key before it loads',
  device: 'Where to draw; auto takes the faster one',
  mode: 'One picture, a grid of seeds, or a walk from seed to seed',
  seed: 'Which picture',
  columns: 'Columns of a grid',
  rows: 'Rows of a grid',
  label: 'A class, by number or name, where the model has them',
  truncation: 'Scales latents: below 1 more typical pictures',
  fps: 'Pictures a second while playing, at most',
  playing: 'Whether it moves on by itself',
  controls: 'Whether buttons are shown',
  pixelated: 'Enlarge without smoothing',
};

/** The manifest, as JSON. */
export function customElementsManifest(): object {
  const attributes = [
    ...Object.entries(valueAttributes).map(([name, { fallback, expected }]) => ({
      name,
      description: about[name],
      type: {
        text: typeof fallback === 'number' ? 'number' : expected === 'text' ? 'string' : quoted(expected),
      },
      default: JSON.stringify(fallback),
      fieldName: name,
    })),
    ...flagAttributes.map((name) => ({
      name,
      description: about[name],
      type: { text: 'boolean' },
      default: 'false',
      fieldName: name,
    })),
  ];
  const method = (name: string, description: string) => ({ kind: 'method', name, description });
  const event = (name: string, description: string) => ({ name, type: { text: 'CustomEvent' }, description });
  const named = (name: string, description: string) => ({ name, description });
  return {
    schemaVersion: '1.0.0',
    modules: [
      {
        kind: 'javascript-module',
        path: 'dist/web/dcgan-viewer.js',
        declarations: [
          {
            kind: 'class',
            customElement: true,
            tagName: 'dcgan-viewer',
            name: 'DcganViewer',
            description: 'A live image generator',
            superclass: { name: 'HTMLElement' },
            attributes,
            members: [
              ...attributes.map(({ name, type, description }) => ({
                kind: 'field',
                name,
                type,
                description,
              })),
              method('sample', 'Shows another picture, drawn at random'),
              method('play', 'Moves on by itself, whatever the system prefers'),
              method('pause', 'Stands still'),
              method('toBlob', 'What is shown, as a file'),
            ],
            events: [
              event('progress', 'Bytes of the model so far'),
              event('load', 'The model is ready: model, device, warnings'),
              event('change', 'Another picture is shown: seeds'),
              event('error', 'What went wrong: error'),
            ],
            slots: [
              named('poster', 'Shown until the first picture is drawn'),
              named('error', 'Shown where something went wrong'),
              named('controls', 'Instead of the buttons'),
            ],
            cssParts: ['canvas', 'poster', 'progress', 'error', 'controls', 'button'].map((name) => ({
              name,
            })),
            cssProperties: [
              'radius',
              'background',
              'color',
              'accent',
              'focus',
              'error-background',
              'error-color',
            ].map((name) => ({ name: `--dcgan-${name}` })),
          },
        ],
        exports: [
          {
            kind: 'custom-element-definition',
            name: 'dcgan-viewer',
            declaration: { name: 'DcganViewer', module: 'dist/web/dcgan-viewer.js' },
          },
        ],
      },
    ],
  };
}

const quoted = (choices: string): string =>
  choices
    .split(', ')
    .map((choice) => `'${choice}'`)
    .join(' | ');
