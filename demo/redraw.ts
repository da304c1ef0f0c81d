// Drawing as fast as a slider moves: what is asked for while a picture is at work is drawn once, when that is done.

/** A function that draws by `draw` now, or again as soon as the drawing at work is done; resolves when all is drawn. */
export function redrawer(draw: () => Promise<void>, signal: AbortSignal): () => Promise<void> {
  let isDrawing = false;
  let isDirty = false;
  return async () => {
    isDirty = true;
    if (isDrawing) return;
    isDrawing = true;
    try {
      while (isDirty && !signal.aborted) {
        isDirty = false;
        await draw();
      }
    } finally {
      isDrawing = false;
    }
  };
}
