// What attributes are called on the page: `hair-length` and `hairLength` are hair length, and the pose is a turn.

/** An attribute's name for people. */
export function attributeTitle(name: string): string {
  if (name === 'yaw') return 'turn';
  return name
    .replaceAll(/[-_]/g, ' ')
    .replaceAll(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase();
}
