// GANs on points in the plane, where everything that they do can be seen: they learn in this page.
import { definePlane, type DcganPlane } from '../../runtime-web/plane.ts';
import type { PlainContext } from '../room.ts';
import { lead } from '../page.ts';
import { note } from '../state.ts';

/** Fills the room. */
export function open({ place, values, signal }: PlainContext): void {
  definePlane();
  const plane = document.createElement('dcgan-plane') as DcganPlane;
  plane.src = 'networks/plane/index.json';
  plane.methods = values['methods'] ?? 'minimax unrolled-5';
  for (const name of ['data', 'seed'] as const)
    if (values[name] !== undefined) plane.setAttribute(name, values[name]);
  const observer = new MutationObserver(() => {
    note({ methods: plane.methods, data: plane.data, seed: `${plane.seed}` });
  });
  observer.observe(plane, { attributeFilter: ['methods', 'data', 'seed'] });
  signal.addEventListener('abort', () => observer.disconnect());
  place.append(
    lead(
      'Points in the plane instead of pictures: orange ones are the data, blue ones come from the generator, which begins with a cloud in the ' +
        'middle. The colour of the plane is the opinion of the discriminator, from blue (generated) to orange (real). Each arrow is the ' +
        'way in which the loss of the generator falls for that point. Both networks learn here, and the methods begin with the same weights.',
    ),
    plane,
  );
}
