// Licences as people write them, and the identifiers of Hugging Face's hub.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { hubLicence } from '../../trainer/card/hub-licences.ts';

const test = suite('licences of the hub');

test('case and spaces do not count, and a licence that the hub does not know is another', () => {
  for (const [text, identifier] of [
    ['MIT', 'mit'],
    ['CC BY 4.0', 'cc-by-4.0'],
    ['CC0-1.0', 'cc0-1.0'],
    [' Apache-2.0 ', 'apache-2.0'],
    ['all rights reserved', 'other'],
    ['', 'other'],
  ] as const) {
    assert.is(hubLicence(text), identifier);
  }
});

test.run();
