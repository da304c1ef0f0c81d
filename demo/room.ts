// The interface between the page and its rooms. A room is a section of the demo about one idea.
import type { Generator } from '../runtime-web/index.ts';
import type { Capability } from './capabilities.ts';

/** Everything that a room without a model works with. */
export interface PlainContext {
  /** The room's part of the page. */
  readonly place: HTMLElement;
  /** The room's parameters in the URL. */
  readonly values: Readonly<Record<string, string>>;
  /** Aborts when the visitor leaves the room. */
  readonly signal: AbortSignal;
}

/** Everything that a room works with. */
export interface RoomContext extends PlainContext {
  readonly generator: Generator;
  /** The name of the model in the URL. */
  readonly model: string;
  /** The number of the first picture to show, if the URL names none: it and those after it were chosen by eye. */
  readonly first: number;
}

/** The code of a room. */
export interface RoomModule<Context = RoomContext> {
  /** Fills the room; errors are shown in it. */
  open(context: Context): Promise<void> | void;
}

interface Named {
  /** The name in the URL. */
  readonly name: string;
  readonly title: string;
}

/** A room that works with a model. */
export interface ModelRoom extends Named {
  readonly isPlain?: false;
  /** The capability that the model must have; without it the room opens with another model. Default: none. */
  readonly needs?: Capability;
  /** Fetches the code. */
  load(): Promise<RoomModule>;
}

/** A room without a model: none is loaded for it. */
export interface PlainRoom extends Named {
  readonly isPlain: true;
  readonly needs?: undefined;
  load(): Promise<RoomModule<PlainContext>>;
}

/** One room. */
export type Room = ModelRoom | PlainRoom;
