// Numbers of things, in words.

/** `1 face`, `2 faces`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
