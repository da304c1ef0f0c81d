// What a room is: a page within the page, for one idea. It gets the model that was chosen, and says what to do when it is left.
import type { Generator } from '../runtime-web/index.ts';

/** What a room works with. */
export interface RoomContext {
  /** The room's part of the page. */
  readonly place: HTMLElement;
  readonly generator: Generator;
  /** The name of the model in the URL. */
  readonly model: string;
  /** The room's parameters in the URL. */
  readonly values: Readonly<Record<string, string>>;
  /** Aborted when the room is left. */
  readonly signal: AbortSignal;
}

/** One idea. */
export interface Room {
  readonly name: string;
  readonly title: string;
  /** What the model must bring, as in `bringsOf`; a visitor whose model does not is offered one that does. Default: nothing. */
  readonly needs?: string;
  /** Draws the room; what it throws is shown in it. */
  open(context: RoomContext): Promise<void> | void;
}

/** A room whose code is fetched when it is entered for the first time. */
export function roomOf(
  name: string,
  title: string,
  load: () => Promise<(context: RoomContext) => Promise<void>>,
  needs: string,
): Room {
  return {
    name,
    title,
    needs,
    async open(context) {
      const enter = await load();
      if (!context.signal.aborted) await enter(context);
    },
  };
}
