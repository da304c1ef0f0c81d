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
      'Points in the plane instead of pictures: the generator begins with a cloud in the middle and is to make points like those of the ' +
        'data. Both networks learn here, in this page, and all methods begin with the same weights. Does the generator find every group of ' +
        'points, or does it run from one to the next?',
    ),
    plane,
  );
}
