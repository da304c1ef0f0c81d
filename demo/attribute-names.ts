// Names of attributes for visitors: `hair-length` and `hairLength` become hair length, and the pose becomes turn.

/** An attribute's name for visitors. */
export function attributeTitle(name: string): string {
  if (name === 'yaw') return 'turn';
  return name
    .replaceAll(/[-_]/g, ' ')
    .replaceAll(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase();
}
