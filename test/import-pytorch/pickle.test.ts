// Pickles as Python's pickle module writes them, in hexadecimal, and pickles that no honest program writes.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { UserError } from '../../trainer/errors.ts';
import { readPickleAt, type PickleValue } from '../../trainer/import-pytorch/pickle.ts';

const test = suite('readPickleAt()');

function read(bytes: Uint8Array): PickleValue {
  return readPickleAt(bytes, 0, {
    globals: new Map([['collections.OrderedDict', { call: () => new Map() }]]),
    persistent: (id) => ({ id }),
    refuse: (why) => new UserError(why),
    refuseGlobal: (name) => new UserError(`refused ${name}`),
  }).value;
}

const latin = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'latin1'));

// pickle.dumps({'a': [1, -2, 300, 70000, 2**40, 2**62], 'b': (None, True, 0.5), 'c': 'ü'}, protocol=2)
const second =
  '80027d71002858010000006171015d7102284b014afeffffff4d2c014a701101008a060000000000018a0800000000000000406558010000006271034e' +
  '88473fe000000000000087710458010000006371055802000000c3bc7106752e';

test('dicts, lists, tuples, texts and numbers of protocol 2', () => {
  const value = read(Uint8Array.from(Buffer.from(second, 'hex')));
  assert.equal(
    value,
    new Map<string, unknown>([
      ['a', [1, -2, 300, 70000, 2 ** 40, 2n ** 62n]],
      ['b', [null, true, 0.5]],
      ['c', 'ü'],
    ]),
  );
});

test('an OrderedDict with attributes is its items', () => {
  const bytes = latin(
    '\x80\x02ccollections\nOrderedDict\n)R(X\x01\x00\x00\x00kK\x07u}X\x01\x00\x00\x00mK\x01sb.',
  );
  assert.equal(read(bytes), new Map([['k', 7]]));
});

test('protocol 4: a frame, memoised texts and a global by the stack', () => {
  const bytes = latin(
    '\x80\x04\x95\x23\x00\x00\x00\x00\x00\x00\x00\x8c\x0bcollections\x94\x8c\x0bOrderedDict\x94\x93\x94)R\x94h\x01K\x05s.',
  );
  assert.equal(read(bytes), new Map([['OrderedDict', 5]]));
});

for (const [what, text, message] of [
  ['os.system', 'cposix\nsystem\n(X\x02\x00\x00\x00lstR.', 'refused posix.system'],
  ['eval by protocol 4', '\x80\x04\x8c\x08builtins\x8c\x04eval\x93.', 'refused builtins.eval'],
  ['an instance (INST)', '(ios\nsystem\n.', /opcode 0x69/],
  ['a class by NEWOBJ', 'ccollections\nOrderedDict\n)\x81.', /opcode 0x81/],
  ['an extension code', '\x82\x01.', /opcode 0x82/],
  ['a call of what is no global', 'K\x01)R.', /makes no sense/],
  ['attributes of a number', 'K\x01}b.', /makes no sense/],
  ['a tuple without its mark', 'K\x01t.', /makes no sense/],
  ['a value that was never remembered', 'h\x05.', /makes no sense/],
  ['an empty stack', '.', /makes no sense/],
  ['a mark as the result', '(.', /makes no sense/],
  ['a key without a value', '}(K\x01u.', /makes no sense/],
  ['no end', '\x80\x02}', /truncated/],
  ['a text longer than the file', 'X\xff\xff\xff\x7fabc.', /truncated/],
  ['a global without a line end', 'ccollections', /truncated/],
  ['a newer protocol', '\x80\x06.', /newer than 5/],
  ['an integer of 200 bytes', `\x8a\xc8${'\x01'.repeat(200)}.`, /integer of 200 bytes/],
] as const) {
  test(`${what} is refused`, () => {
    assert.throws(
      () => read(latin(text)),
      (error: unknown) =>
        error instanceof UserError &&
        (typeof message === 'string' ? error.message === message : message.test(error.message)),
    );
  });
}

test.run();
