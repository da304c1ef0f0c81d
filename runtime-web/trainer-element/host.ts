// The view that controls and panels have of their element.
import type { ImageShape } from '../format/image-shape.ts';
import type { HalfStep } from '../training/entries-of.ts';
import type { TrainingData } from '../training/images.ts';
import type { TrainingReport } from '../train/index.ts';
import type { BreakName } from './breaks.ts';
import type { Look } from './learning.ts';
import type { StringName } from './strings.ts';
import type { Frame } from './wall.ts';

/** The state of the element that is shown. */
export interface View {
  readonly isPlaying: boolean;
  readonly isSlow: boolean;
  /** Null before the first step. */
  readonly report: TrainingReport | null;
  readonly look: Look | null;
  readonly isProbability: boolean;
  readonly frames: readonly Frame[];
  /** The step of the frame that is shown; null for the newest pictures. */
  readonly shownStep: number | null;
  readonly broken: BreakName | null;
  /** The page names a folder of packages, so that others can be chosen. */
  readonly hasNetworks: boolean;
  /** The pictures are the visitor's. */
  readonly hasOwnData: boolean;
  /** The visitor's pictures start from a trained generator. */
  readonly isFromTrained: boolean;
}

/** A training to go on with. */
export interface OpenedRun {
  /** The address of its package. */
  readonly url: string;
  /** The checkpoint. */
  readonly state: Uint8Array<ArrayBuffer>;
  /** Its pictures; null for the present ones. */
  readonly data: TrainingData | null;
}

/** The element, as controls and panels use it. Errors are shown by the element. */
export interface TrainerHost {
  readonly element: HTMLElement;
  readonly view: View;
  /** The place where the page serves the runtime's files; undefined beside the script. */
  readonly assets: string | undefined;
  say(name: StringName, value?: string | number): string;
  announce(name: StringName, value?: string | number): void;
  toggle(): void;
  step(only: HalfStep | null): void;
  slow(isSlow: boolean): void;
  reset(): void;
  scrub(frame: Frame | null): void;
  breakIt(name: BreakName | null): void;
  /** The shape of pictures for the networks that the element takes for `count` of them. */
  shapeFor(count: number): Promise<ImageShape>;
  /** The addresses of the packages that the element may train. */
  packages(): Promise<readonly string[]>;
  /** The address of the package that the element takes for `count` of the visitor's pictures, or for the present ones. */
  addressFor(count?: number): string;
  /** Goes on with a training that was kept or saved; `data` null: on the present pictures. */
  resume(kept: OpenedRun): void;
  /** Trains on other pictures; null for those of the attribute. */
  use(data: TrainingData | null): void;
  /** Has the visitor's pictures start from a trained generator, or from noise. */
  startFromTrained(isWanted: boolean): void;
  toPackage(): Promise<Blob>;
  toRun(): Promise<Blob>;
  fail(error: unknown): void;
}

/** A part of the controls. */
export interface Panel {
  readonly node: HTMLElement;
  /** Shows what has changed; texts too. */
  update(view: View): void;
}
