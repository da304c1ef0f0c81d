// The models of the site, and the visitor's own, dropped as a folder. A dropped model stays on the device: its files go into the
// browser's cache, and the service worker serves them from there.
import type { RoomContext } from '../room.ts';
import { keepDropped, listModels, removeDropped } from '../models.ts';
import { lead, make, statusLine } from '../page.ts';
import { hashOf } from '../state.ts';
import { button } from '../widgets.ts';

/** Fills the room. */
export async function open({ place, model: current }: RoomContext): Promise<void> {
  const list = make('ul');
  const status = statusLine();
  const fill = async (): Promise<void> => {
    const entries = await listModels();
    list.replaceChildren(
      ...entries.map(({ name, title, url, isDropped }) =>
        make(
          'li',
          { class: 'bar' },
          make('a', {
            text: title,
            attributes: {
              href: hashOf({ room: 'generate', values: { model: name } }),
              'aria-current': name === current ? 'true' : null,
            },
          }),
          ...(isDropped
            ? [
                button('Remove', () => {
                  void removeDropped(url).then(fill);
                }),
              ]
            : []),
        ),
      ),
    );
  };
  const take = async (files: readonly File[]): Promise<void> => {
    try {
      const name = await keepDropped(files);
      status.textContent = '';
      location.hash = hashOf({ room: 'generate', values: { model: name } });
    } catch (error) {
      status.textContent = error instanceof Error ? error.message : String(error);
    }
  };
  const input = make('input', {
    attributes: { type: 'file', multiple: '', webkitdirectory: '', 'aria-label': 'Choose a model folder' },
    on: { change: () => void take([...(input.files ?? [])]) },
  });
  const drop = make(
    'div',
    {
      class: 'drop',
      on: {
        dragover: (event) => {
          event.preventDefault();
          drop.classList.add('over');
        },
        dragleave: () => drop.classList.remove('over'),
        drop: (event) => {
          event.preventDefault();
          drop.classList.remove('over');
          void filesOf((event as DragEvent).dataTransfer).then(take);
        },
      },
    },
    make('p', { text: 'Drop a model folder here (the `model` folder of a run), or choose it:' }),
    input,
  );
  place.append(
    lead(
      'Each model was trained on pictures of one kind. Your own model, trained with `npx dcgan train` or imported with ' +
        '`npx dcgan import`, works here too. ' +
        'It stays on this device.',
    ),
    list,
    drop,
    status,
  );
  await fill();
}

/** The dropped files, and the files in dropped folders. */
async function filesOf(transfer: DataTransfer | null): Promise<File[]> {
  if (transfer === null) return [];
  const entries = [...transfer.items]
    .map((item) => item.webkitGetAsEntry())
    .filter((entry) => entry !== null);
  const files: File[] = [];
  for (const entry of entries) {
    const inside = entry.isDirectory
      ? await new Promise<FileSystemEntry[]>((done, fail) =>
          (entry as FileSystemDirectoryEntry).createReader().readEntries(done, fail),
        )
      : [entry];
    for (const each of inside) {
      if (each.isFile) {
        files.push(await new Promise<File>((done, fail) => (each as FileSystemFileEntry).file(done, fail)));
      }
    }
  }
  return files;
}
