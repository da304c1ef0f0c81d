// Prepared pictures in little memory: each is as if prepared alone, in every order of requests.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Random } from '../../runtime-web/format/random.ts';
import { preparePicture } from '../../trainer/duplicates/picture.ts';
import { PreparedPictures } from '../../trainer/duplicates/prepared-pictures.ts';
import { drawAvatarPixels } from './pictures.ts';

const test = suite('PreparedPictures');
const faces = await drawAvatarPixels(8, 32);

test('evicted images are prepared again as before, and two fit at once', () => {
  const random = new Random(5);
  for (const channels of [1, 3] as const) {
    const own = faces.map((face) => (channels === 3 ? face : face.filter((_, i) => i % 3 === 1)));
    const pixels = Uint8Array.from(own.flatMap((bytes) => Array.from(bytes)));
    const few = new PreparedPictures({ channels, pixels }, 2);
    for (let i = 0; i < 200; i++) {
      const numbers = [random.integer(faces.length), random.integer(faces.length)];
      // Asking for the second must not take the memory of the first.
      const pair = numbers.map((number) => few.get(number));
      assert.equal(
        pair,
        numbers.map((number) => preparePicture(own[number]!, channels)),
      );
    }
  }
});

test.run();
