// Names of attributes for visitors: `hair-length` and `hairLength` become hair length, and the pose becomes turn.
import type { Model } from '../runtime-web/format/model.ts';

/** Attributes of the built-in faces whose own names say too little. */
const ofAvatars: Readonly<Record<string, string>> = {
  background: 'background colour',
  clothes: 'shirt colour',
  mouthOpen: 'open mouth',
};

/** The name for visitors of an attribute of the images that `model` was trained on. */
export function attributeTitle(name: string, { training }: Pick<Model, 'training'>): string {
  if (name === 'yaw') return 'turn';
  const title = training?.dataset.name === 'avatars' ? ofAvatars[name] : undefined;
  return (
    title ??
    name
      .replaceAll(/[-_]/g, ' ')
      .replaceAll(/([a-z])([A-Z])/g, '$1 $2')
      .toLowerCase()
  );
}
