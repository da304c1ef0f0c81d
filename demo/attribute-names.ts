// What attributes are called on the page: `hair-length` is hair length, and the pose is a turn.

/** An attribute's name for people. */
export function attributeTitle(name: string): string {
  return name === 'yaw' ? 'turn' : name.replaceAll(/[-_]/g, ' ');
}
