// The rooms of the demo, in the order of the navigation. A new room is a file in rooms/ and a row here.
import type { Room } from './room.ts';

/** Every room; the first one opens by default. */
export const rooms: readonly Room[] = [
  { name: 'generate', title: 'Generate', load: () => import('./rooms/generate.ts') },
  { name: 'walk', title: 'Walk', load: () => import('./rooms/walk.ts') },
  { name: 'arithmetic', title: 'Arithmetic', load: () => import('./rooms/arithmetic.ts') },
  {
    name: 'directions',
    title: 'Directions',
    needs: 'directions',
    load: () => import('./rooms/directions.ts'),
  },
  { name: 'how-it-works', title: 'How it works', load: () => import('./rooms/how-it-works.ts') },
  {
    name: 'look-inside',
    title: 'Look inside',
    needs: 'masked',
    load: () => import('./rooms/look-inside.ts'),
  },
  { name: 'restore', title: 'Restore', needs: 'restoring', load: () => import('./rooms/restore.ts') },
  {
    name: 'real-or-fake',
    title: 'Real or fake?',
    needs: 'discriminator',
    load: () => import('./rooms/real-or-fake.ts'),
  },
  {
    name: 'classes',
    title: 'Classes and attributes',
    needs: 'classes',
    load: () => import('./rooms/classes.ts'),
  },
  { name: 'codes', title: 'Codes', needs: 'codes', load: () => import('./rooms/codes.ts') },
  { name: 'mix-styles', title: 'Mix styles', needs: 'styles', load: () => import('./rooms/mix-styles.ts') },
  { name: 'steer', title: 'Steer', needs: 'steering', load: () => import('./rooms/steer.ts') },
  { name: 'train', title: 'Train', isPlain: true, load: () => import('./rooms/train.ts') },
  { name: 'plane', title: 'Plane', isPlain: true, load: () => import('./rooms/plane.ts') },
  { name: 'models', title: 'Models', load: () => import('./rooms/models.ts') },
];
