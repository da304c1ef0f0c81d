// The choices of an element: the pictures to learn from, and the package of networks for them.
import { startFor } from '../train/enough-pictures.ts';
import type { TrainingData } from '../training/images.ts';
import { breaks, type BreakName } from './breaks.ts';
import { addressOf, ownOf, packagesIn, type PublishedPictures } from './packages.ts';
import type { Surface } from './surface.ts';

/** A training to go on with: its package and its state. */
export interface Resumed {
  readonly url: string;
  readonly state: Uint8Array<ArrayBuffer>;
}

/** The choices, of the attributes and of the visitor. */
export class Choices {
  /** Pictures that were given as a property; null for those of the attribute. */
  given: TrainingData | null = null;
  /** The way in which the training is broken; null for none. */
  broken: BreakName | null = null;
  /** The training to go on with; null to begin one. */
  resumed: Resumed | null = null;
  /** The visitor's pictures start from a trained generator. */
  isFromTrained = false;
  /** Bytes of memory that the visitor has allowed. */
  allowedBytes = 0;
  readonly #surface: Surface;

  constructor(surface: Surface) {
    this.#surface = surface;
  }

  /** The folder of packages; null where the page names none. */
  get folder(): URL | null {
    const networks = this.#surface.read('networks');
    return networks === '' ? null : new URL(networks.replace(/\/?$/, '/'), document.baseURI);
  }

  /** The page names a package, or a folder of them. */
  get hasPackage(): boolean {
    return this.#surface.read('src') !== '' || this.folder !== null;
  }

  /** The pictures to learn from. */
  get pictures(): TrainingData | PublishedPictures {
    if (this.given !== null) return this.given;
    const word = this.#surface.read('data');
    return word === 'faces' ? 'avatars' : { clothes: new URL(word, document.baseURI).href };
  }

  /** The address of the package for the pictures, or for `count` of the visitor's. Throws Error where the page names none. */
  address(count?: number): string {
    if (this.resumed !== null && count === undefined) return this.resumed.url;
    return addressOf({
      ...{ src: this.#surface.read('src'), folder: this.folder },
      own: count === undefined ? ownOf(this.pictures) : { count, channels: 3 },
      network: this.broken === null ? undefined : breaks[this.broken].network,
    });
  }

  /** The weights that the visitor's pictures start from, of faces or, for grey ones, of clothes; undefined for random ones. */
  get start(): { readonly from: URL; readonly freezeD: number } | undefined {
    const { folder, given } = this;
    if (!this.isFromTrained || given === null || this.resumed !== null || folder === null) return undefined;
    const { file, freezeD } = startFor(ownOf(given)?.channels ?? 3);
    return { from: new URL(file, folder), freezeD };
  }

  /** The addresses of all packages that the element may train. Throws Error for a folder without its list. */
  async packages(): Promise<readonly string[]> {
    const src = this.#surface.read('src');
    if (src !== '') return [new URL(src, document.baseURI).href];
    return this.folder === null ? [] : packagesIn(this.folder);
  }
}
