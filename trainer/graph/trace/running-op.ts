// The tfjs op that is running, from the names of tfjs's scopes. For error messages and for names in ONNX files.
import * as tf from '@tensorflow/tfjs-core';

/** Scopes of tfjs that are no ops. */
const ownScopes = new Set(['unnamed scope', 'default scope', 'forward', 'backward', 'gradients']);

/** Names of the ops that are running, outermost first. */
export function runningOps(): string[] {
  const { state } = tf.engine() as unknown as { state: { scopeStack: readonly { name: string }[] } };
  return state.scopeStack.map(({ name }) => name.replace(/__op$/, '')).filter((name) => !ownScopes.has(name));
}

/** The op that the running code called, or `an op` if tfjs does not name it. */
export function runningOp(): string {
  return runningOps().at(-1) ?? 'an op';
}

/** An op's name in a sentence. */
export function inWords(op: string): string {
  return op === 'an op' ? op : `tf.${op}`;
}
