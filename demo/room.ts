// The interface between the page and its rooms. A room is a section of the demo about one idea.
import type { Generator } from '../runtime-web/index.ts';
import type { Capability } from './capabilities.ts';

/** Everything that a room works with. */
export interface RoomContext {
  /** The room's part of the page. */
  readonly place: HTMLElement;
  readonly generator: Generator;
  /** The name of the model in the URL. */
  readonly model: string;
  /** The number of the first picture to show, if the URL names none: it and those after it were chosen by eye. */
  readonly first: number;
  /** The room's parameters in the URL. */
  readonly values: Readonly<Record<string, string>>;
  /** Aborts when the visitor leaves the room. */
  readonly signal: AbortSignal;
}

/** The code of a room. */
export interface RoomModule {
  /** Fills the room; errors are shown in it. */
  open(context: RoomContext): Promise<void> | void;
}

/** One room. */
export interface Room {
  /** The name in the URL. */
  readonly name: string;
  readonly title: string;
  /** The capability that the model must have; without it the room opens with another model. Default: none. */
  readonly needs?: Capability;
  /** Fetches the code. */
  load(): Promise<RoomModule>;
}
