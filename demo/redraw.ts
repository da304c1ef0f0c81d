// Keeps drawing in step with a slider: requests made while a picture is being drawn are merged into one.

/** Returns a function that calls `draw` now, or once more when the current drawing is done. It resolves when nothing is left to draw. */
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
