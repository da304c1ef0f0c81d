// The panel for the visitor's own pictures: files, folders, drop, paste, the camera and drawings; each can be cropped elsewhere or removed.
import { make } from '../elements/nodes.ts';
import { sizeText } from '../format/image-shape.ts';
import type { GivenPicture } from '../train/index.ts';
import { minImages } from '../format/training/image-counts.ts';
import { takeDropped } from './dropped.ts';
import type { Panel, TrainerHost } from './host.ts';
import { imageOf } from './image-bytes.ts';
import { OwnPictures, type OwnPicture } from './own-pictures.ts';
import { stageOf } from './own-stage.ts';
import { panelOf } from './panel.ts';
import type { StringName } from './strings.ts';

/** Pictures that the panel shows; all of them are used. */
const maxShown = 60;
/** From this number on, a visitor may end the reading. */
const manyToRead = 100;
/** Refused pictures that the panel names. */
const maxNamed = 3;

/** The panel. */
export function ownPanel(host: TrainerHost): Panel {
  const { say } = host;
  let own: OwnPictures | null = null;
  const status = make('p', { role: 'status' });
  const refused = make('p', { class: 'refused', hidden: '' });
  const thumbs = make('div', { part: 'thumbs' });
  const texts: (readonly [Element, StringName])[] = [];
  const button = (name: StringName, act: () => void): HTMLButtonElement => {
    const made = make('button', { type: 'button', part: 'button' }, say(name));
    made.addEventListener('click', act);
    texts.push([made, name]);
    return made;
  };
  const chooser = (name: StringName, attributes: Readonly<Record<string, string>>): HTMLLabelElement => {
    const input = make('input', { type: 'file', multiple: '', ...attributes });
    const text = make('span', {});
    texts.push([text, name]);
    input.addEventListener('change', () => {
      take(async () => {
        const files = await (await import('../train/index.ts')).filesOf(input);
        // The same files may be chosen again.
        input.value = '';
        return files;
      });
    });
    return make('label', { class: 'file', part: 'button' }, text, input);
  };
  const stage = stageOf({
    ...{ host, button, take, changed },
    get pictures() {
      return own;
    },
  });
  let reading = new AbortController();
  const enough = button('stopReading', () => reading.abort());
  enough.hidden = true;
  const back = button('useFaces', () => {
    stage.close();
    own = null;
    changed();
  });
  const start = make('input', { type: 'checkbox' });
  start.addEventListener('change', () => host.startFromTrained(start.checked));
  const startText = make('span', {});
  texts.push([startText, 'fromFaces']);
  const starting = make('label', { class: 'check' }, start, startText);
  const { node, title, about } = panelOf(
    'own',
    make(
      'div',
      { class: 'buttons' },
      chooser('choose', { accept: 'image/*' }),
      chooser('chooseFolder', { webkitdirectory: '' }),
      button('camera', () => guarded(stage.openCamera)),
      button('draw', () => guarded(stage.openPad)),
      back,
    ),
    ...[stage.node, status, enough, refused, thumbs, starting],
  );
  // A camera that nobody sees is switched off.
  node.addEventListener('toggle', () => {
    if (!node.open) stage.close();
  });
  const followPastes = takeDropped({ element: host.element, marked: node, take, fail: host.fail });

  function guarded(work: () => Promise<void>): void {
    work().catch(host.fail);
  }

  let taking = Promise.resolve();
  /** Reads pictures and shows them, those of one call after those of another; `find` resolves to them. */
  function take(find: () => Promise<readonly GivenPicture[]>): void {
    const finding = find();
    // An error is shown in its turn.
    finding.catch(() => undefined);
    taking = taking.then(() => takeFound(finding)).catch(host.fail);
  }

  async function takeFound(finding: Promise<readonly GivenPicture[]>): Promise<void> {
    const given = await finding;
    node.open = true;
    if (given.length === 0) {
      status.textContent = say('noneFound');
      return;
    }
    reading = new AbortController();
    try {
      const held = own?.pictures ?? [];
      const shape = await host.shapeFor(held.length + given.length);
      const isSame =
        own !== null && sizeText(own.shape) === sizeText(shape) && own.shape.channels === shape.channels;
      const pictures = isSame ? own! : new OwnPictures(shape, host.assets);
      const sources = isSame ? given : [...held.map(({ source }) => source), ...given];
      await pictures.add(sources, {
        signal: reading.signal,
        onProgress: (done) => {
          status.textContent = say('reading', `${done} / ${sources.length}`);
          enough.hidden = sources.length < manyToRead;
        },
      });
      own = pictures;
    } finally {
      enough.hidden = true;
    }
    changed();
  }

  /** Shows the pictures, and gives them to the element. */
  function changed(): void {
    const pictures = own?.pictures ?? [];
    const left = own?.refused ?? [];
    back.hidden = own === null;
    const isReady = pictures.length >= minImages;
    status.textContent =
      pictures.length + left.length === 0
        ? ''
        : isReady
          ? say('ready', pictures.length)
          : say('tooFew', pictures.length);
    refused.hidden = left.length === 0;
    const named = left.slice(0, maxNamed).map(({ name, reason }) => `${name} (${reason})`);
    const more = left.length > maxNamed ? ` + ${left.length - maxNamed}` : '';
    refused.textContent = say('refused', `${named.join(', ')}${more}`);
    thumbs.replaceChildren(...pictures.slice(0, maxShown).map(thumb));
    if (pictures.length > maxShown) thumbs.append(`+ ${pictures.length - maxShown}`);
    if (isReady || host.view.hasOwnData) host.use(isReady ? own!.data : null);
  }

  function thumb(picture: OwnPicture): HTMLButtonElement {
    const image = imageOf(picture.bytes, own!.shape);
    const canvas = make('canvas', { width: `${image.width}`, height: `${image.height}` });
    canvas.getContext('2d')!.putImageData(image, 0, 0);
    const label = { 'aria-label': say('adjust', picture.name) };
    const made = make('button', { type: 'button', part: 'thumb', ...label }, canvas);
    made.addEventListener('click', () => guarded(() => stage.adjust(picture)));
    return made;
  }

  return {
    node,
    update({ hasOwnData, hasNetworks, isFromTrained }) {
      followPastes(host.element.isConnected);
      if (!host.element.isConnected) stage.close();
      title.textContent = say('own');
      about.textContent = say('ownAbout');
      for (const [element, name] of texts) element.textContent = say(name);
      starting.hidden = !hasNetworks;
      start.checked = isFromTrained;
      back.hidden = own === null && !hasOwnData;
    },
  };
}
