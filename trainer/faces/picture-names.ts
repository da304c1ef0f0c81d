// Names of the crops: `family/beach.jpg` gives `images/family/beach-0.png`, `-1`, …, the same on every machine. Folders are kept,
// so that they can serve as classes.

/** The folder of the crops. */
export const picturesFolder = 'images';

/** Assigns each photo a unique name prefix, ignoring case. */
export class PictureNames {
  private readonly taken = new Map<string, string>();

  /** Reserves the prefix that a photo has already. */
  reserve(source: string, file: string): void {
    this.taken.set(file.replace(/-\d+\.png$/, '').toLowerCase(), source);
  }

  /**
   * `images/family/beach` for `family/beach.jpg`; with the ending where another photo has that (`beach.png` beside
   * `beach.jpg`), and with a number where even that is taken. Ask in the photos' order.
   */
  startFor(source: string): string {
    const whole = `${picturesFolder}/${source}`;
    const stem = whole.replace(/\.[^./]+$/, '');
    for (let number = 0; ; number++) {
      const start = number === 0 ? stem : number === 1 ? whole : `${whole}~${number}`;
      const holder = this.taken.get(start.toLowerCase());
      if (holder !== undefined && holder !== source) continue;
      this.taken.set(start.toLowerCase(), source);
      return start;
    }
  }
}
