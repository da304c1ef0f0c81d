// The message for whoever expected something trained and got networks to train.

/**
 * Says of the content of a `model.json` that it has networks to train and no generator: what it is, what was expected, and what to do with
 * it. Null for any other content.
 */
export function untrained(json: unknown, expected = 'a model with a trained generator'): string | null {
  if (!isRecord(json) || json['trainable'] == null) return null;
  if (isRecord(json['files']) && json['files']['generator'] !== undefined) return null;
  return json['data'] === 'points'
    ? `got networks to train on points in the plane, expected ${expected}; open this package with <dcgan-plane> or loadPoints()`
    : `got networks to train, expected ${expected}; train them in a page with <dcgan-trainer> or loadTrainer(), or make a run with dcgan train`;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
