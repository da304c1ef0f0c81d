// The panel for the visitor's own pictures: files, folders, drop, paste, the camera and drawings; each can be cropped elsewhere or removed.
import { make } from '../elements/nodes.ts';
import { sizeText } from '../format/image-shape.ts';
import type * as Training from '../train/index.ts';
import type { Camera, GivenPicture } from '../train/index.ts';
import type { Focus } from '../format/crop-box.ts';
import { minImages } from '../format/training/image-counts.ts';
import { openCropper, type Cropper } from './cropper.ts';
import type { Panel, TrainerHost } from './host.ts';
import { imageOf } from './image-bytes.ts';
import { OwnPictures, type OwnPicture } from './own-pictures.ts';
import { panelOf } from './panel.ts';
import type { StringName } from './strings.ts';

/** Pictures that the panel shows; all of them are used. */
const maxShown = 60;
/** Refused pictures that the panel names. */
const maxNamed = 3;

/** The panel. */
export function ownPanel(host: TrainerHost): Panel {
  const { say } = host;
  let own: OwnPictures | null = null;
  let camera: Camera | null = null;
  let cropper: Cropper | null = null;
  const status = make('p', { role: 'status' });
  const refused = make('p', { class: 'refused', hidden: '' });
  const thumbs = make('div', { part: 'thumbs' });
  const stage = make('div', { part: 'stage', hidden: '' });
  const texts: (readonly [Element, StringName])[] = [];
  const button = (name: StringName, act: () => void): HTMLButtonElement => {
    const made = make('button', { type: 'button', part: 'button' });
    made.addEventListener('click', act);
    texts.push([made, name]);
    made.textContent = say(name);
    return made;
  };
  const chooser = (name: StringName, attributes: Readonly<Record<string, string>>): HTMLLabelElement => {
    const input = make('input', { type: 'file', multiple: '', ...attributes });
    const text = make('span', {});
    texts.push([text, name]);
    input.addEventListener('change', () => {
      take(async () => (await import('../train/index.ts')).filesOf(input));
    });
    return make('label', { class: 'file', part: 'button' }, text, input);
  };
  const back = button('useFaces', () => clear());
  const { node, title, about } = panelOf(
    'own',
    make(
      'div',
      { class: 'buttons' },
      chooser('choose', { accept: 'image/*' }),
      chooser('chooseFolder', { webkitdirectory: '' }),
      button('camera', () => guarded(openCamera)),
      button('draw', () => guarded(openPad)),
      back,
    ),
    ...[stage, status, refused, thumbs],
  );

  function guarded(work: () => Promise<void>): void {
    work().catch((error: unknown) => host.fail(error));
  }

  /** Reads pictures and shows them; `find` resolves to them. */
  function take(find: () => Promise<readonly GivenPicture[]>): void {
    guarded(async () => {
      const given = await find();
      if (given.length === 0) return;
      node.open = true;
      const held = own?.pictures ?? [];
      const shape = await host.shapeFor(held.length + given.length);
      const isSame =
        own !== null && sizeText(own.shape) === sizeText(shape) && own.shape.channels === shape.channels;
      const pictures = isSame ? own! : new OwnPictures(shape);
      await pictures.add(isSame ? given : [...held.map(({ source }) => source), ...given], (done) => {
        status.textContent = say('reading', done);
      });
      own = pictures;
      changed();
    });
  }

  /** Shows the pictures, and gives them to the element. */
  function changed(): void {
    const pictures = own?.pictures ?? [];
    const left = own?.refused ?? [];
    const isReady = pictures.length >= minImages;
    status.textContent =
      pictures.length === 0
        ? ''
        : isReady
          ? say('ready', pictures.length)
          : say('tooFew', `${pictures.length} / ${minImages}`);
    refused.hidden = left.length === 0;
    const named = left.slice(0, maxNamed).map(({ name, reason }) => `${name} (${reason})`);
    const more = left.length > maxNamed ? ` + ${left.length - maxNamed}` : '';
    refused.textContent = say('refused', `${named.join(', ')}${more}`);
    thumbs.replaceChildren(...pictures.slice(0, maxShown).map(thumb));
    if (pictures.length > maxShown) thumbs.append(`+ ${pictures.length - maxShown}`);
    host.use(isReady ? own!.data : null);
  }

  function thumb(picture: OwnPicture): HTMLButtonElement {
    const image = imageOf(picture.bytes, own!.shape);
    const canvas = make('canvas', { width: `${image.width}`, height: `${image.height}` });
    canvas.getContext('2d')!.putImageData(image, 0, 0);
    const made = make(
      'button',
      { type: 'button', part: 'thumb', 'aria-label': say('adjust', picture.name) },
      canvas,
    );
    made.addEventListener('click', () => guarded(() => adjust(picture)));
    return made;
  }

  /** Opens a picture to crop it elsewhere. */
  async function adjust(picture: OwnPicture): Promise<void> {
    let current = picture;
    let next: Focus | null = null;
    let isCropping = false;
    close();
    const opened = await openCropper(picture.source, own!.shape, picture.focus, (focus) =>
      guarded(async () => {
        next = focus;
        if (isCropping) return;
        isCropping = true;
        try {
          for (let place: Focus | null = next; place !== null; place = next) {
            next = null;
            current = await own!.crop(current, place);
          }
          changed();
        } finally {
          isCropping = false;
        }
      }),
    );
    cropper = opened;
    opened.canvas.setAttribute('aria-label', say('cropper', picture.name));
    const remove = button('remove', () => {
      own?.remove(current);
      close();
      changed();
    });
    show(opened.canvas, remove, button('done', close));
    opened.canvas.focus();
  }

  async function openCamera(): Promise<void> {
    close();
    const { startCamera } = await import('../train/index.ts');
    const started = await startCamera();
    camera = started;
    const video = make('video', { part: 'camera', 'aria-label': say('camera') });
    [video.muted, video.playsInline, video.srcObject] = [true, true, started.stream];
    await video.play();
    const burst = button('burst', () =>
      take(async () => {
        // The camera is off after a burst.
        const pictures = await started.burst();
        close();
        return pictures;
      }),
    );
    show(video, burst, button('done', close));
    burst.focus();
  }

  async function openPad(): Promise<void> {
    close();
    const [{ drawingPad }, { width, height }] = await Promise.all([
      import('../train/index.ts'),
      host.shapeFor(own?.pictures.length ?? 0),
    ]);
    const canvas = make('canvas', { part: 'pad' });
    const pad = await drawingPad(canvas, { width, height });
    const add = button('addDrawing', () => {
      if (pad.isEmpty) return;
      const picture = pad.picture();
      pad.clear();
      take(async () => [picture]);
    });
    show(canvas, add, button('done', close));
    canvas.focus();
  }

  function show(view: HTMLElement, ...buttons: readonly HTMLElement[]): void {
    stage.replaceChildren(view, make('div', { class: 'buttons' }, ...buttons));
    stage.hidden = false;
  }

  function close(): void {
    camera?.stop();
    cropper?.close();
    camera = cropper = null;
    stage.replaceChildren();
    stage.hidden = true;
  }

  function clear(): void {
    close();
    own = null;
    changed();
  }

  // A drop must be read while its event is handled, so the code is fetched as soon as something is dragged here.
  let training: typeof Training | null = null;
  const fetchTraining = async (): Promise<void> => void (training ??= await import('../train/index.ts'));
  const hasFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes('Files') === true;
  host.element.addEventListener('dragover', (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    guarded(fetchTraining);
    node.classList.add('over');
  });
  host.element.addEventListener('dragleave', () => node.classList.remove('over'));
  host.element.addEventListener('drop', (event) => {
    node.classList.remove('over');
    if (hasFiles(event)) takeFrom(event, event.dataTransfer!);
  });
  // A paste goes to the page's body unless something has the focus.
  const onPaste = (event: ClipboardEvent): void => {
    const isHere = event.target === document.body || event.composedPath().includes(host.element);
    const data = event.clipboardData;
    if (isHere && data !== null && data.files.length > 0) takeFrom(event, data);
  };
  // A camera that nobody sees is switched off.
  node.addEventListener('toggle', () => {
    if (!node.open) close();
  });
  function takeFrom(event: Event, data: DataTransfer): void {
    event.preventDefault();
    const files = training?.filesOf(data) ?? Promise.resolve([...data.files]);
    take(() => files);
  }

  return {
    node,
    update({ hasOwnData }) {
      if (host.element.isConnected) document.addEventListener('paste', onPaste);
      else {
        document.removeEventListener('paste', onPaste);
        close();
      }
      title.textContent = say('own');
      about.textContent = say('ownAbout');
      for (const [element, name] of texts) element.textContent = say(name);
      back.hidden = own === null && !hasOwnData;
    },
  };
}
