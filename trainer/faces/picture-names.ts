// File names of the crops: `family/beach.jpg` gives `images/family/beach-0.png`, `-1`, …, the same on every machine. Folders are
// kept, so that they can serve as classes.

/** The folder of the crops. */
export const picturesFolder = 'images';

/** Assigns each photo a unique name prefix, ignoring case. */
export class PictureNames {
  /** Source by prefix in lower case. */
  private readonly sources = new Map<string, string>();

  /** Reserves the prefix of a crop from an earlier run. */
  reserve(source: string, file: string): void {
    this.sources.set(file.replace(/-\d+\.png$/, '').toLowerCase(), source);
  }

  /**
   * `images/family/beach` for `family/beach.jpg`. If another photo has that prefix (`beach.png` beside `beach.jpg`), the
   * extension is added; if that is taken too, a number. The result depends on the order of the calls.
   */
  startFor(source: string): string {
    const whole = `${picturesFolder}/${source}`;
    const stem = whole.replace(/\.[^./]+$/, '');
    for (let number = 0; ; number++) {
      const start = number === 0 ? stem : number === 1 ? whole : `${whole}~${number}`;
      const holder = this.sources.get(start.toLowerCase());
      if (holder !== undefined && holder !== source) continue;
      this.sources.set(start.toLowerCase(), source);
      return start;
    }
  }
}
