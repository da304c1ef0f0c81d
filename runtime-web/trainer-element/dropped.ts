// Pictures that are dropped on an element, or pasted into its page.
import type * as Training from '../train/index.ts';
import type { GivenPicture } from '../train/index.ts';

/** The receiver of them. */
export interface DropTarget {
  /** Pictures that are dropped here are taken. */
  readonly element: HTMLElement;
  /** Has the class `over` while something is dragged over the element. */
  readonly marked: HTMLElement;
  /** Takes the pictures that `find` resolves to. */
  take(find: () => Promise<readonly GivenPicture[]>): void;
  fail(error: unknown): void;
}

/** Takes drops from now on; the function that it returns takes pastes too, or (false) no longer. */
export function takeDropped({ element, marked, take, fail }: DropTarget): (isFollowing: boolean) => void {
  // A drop must be read while its event is handled, so the code is fetched as soon as something is dragged here.
  let training: typeof Training | null = null;
  const fetchTraining = async (): Promise<void> => void (training ??= await import('../train/index.ts'));
  const hasFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes('Files') === true;
  const takeFrom = (event: Event, data: DataTransfer): void => {
    event.preventDefault();
    const files = training?.filesOf(data) ?? Promise.resolve([...data.files]);
    take(() => files);
  };
  element.addEventListener('dragover', (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    fetchTraining().catch(fail);
    marked.classList.add('over');
  });
  element.addEventListener('dragleave', () => marked.classList.remove('over'));
  element.addEventListener('drop', (event) => {
    marked.classList.remove('over');
    if (hasFiles(event)) takeFrom(event, event.dataTransfer!);
  });
  // A paste goes to the page's body unless something has the focus.
  const onPaste = (event: ClipboardEvent): void => {
    const isHere = event.target === document.body || event.composedPath().includes(element);
    const data = event.clipboardData;
    if (isHere && data !== null && data.files.length > 0) takeFrom(event, data);
  };
  return (isFollowing) => {
    if (isFollowing) document.addEventListener('paste', onPaste);
    else document.removeEventListener('paste', onPaste);
  };
}
