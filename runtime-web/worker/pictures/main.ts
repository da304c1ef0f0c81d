// The worker that reads pictures. It is built into one file that imports nothing.
import { expose, transfer } from 'comlink';
import type { PicturesApi } from '../../train/pictures-protocol.ts';
import { holdLock } from '../hold-lock.ts';
import { post } from '../post.ts';
import { readClothes } from './read-clothes.ts';
import { readPicture } from './read-picture.ts';

const api: PicturesApi = {
  async read({ source, shape, focus }) {
    const read = await readPicture(source, shape, focus);
    return 'pixels' in read ? transfer(read, [read.pixels.buffer]) : read;
  },
  async clothes({ url, shape }, onProgress) {
    const clothes = await readClothes(url, shape, onProgress);
    return transfer(clothes, [clothes.images.buffer, clothes.labels.buffer]);
  },
};

expose(api);
post({ kind: 'ready' });
holdLock();
