// Classes from folders, and the choice of the train part beside a test part.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { folderLayout, isHidden } from '../../trainer/data/folder-layout.ts';

const test = suite('folderLayout()');

test('folders at the top are the classes, in order of name, at any depth below', () => {
  const layout = folderLayout(['dog/b.png', 'cat/deep/er/x.png', 'cat/a.png', 'dog/a.png']);
  assert.equal(layout.paths, ['cat/a.png', 'cat/deep/er/x.png', 'dog/a.png', 'dog/b.png']);
  assert.equal(layout.classNames, ['cat', 'dog']);
  assert.equal([...layout.labels!], [0, 0, 1, 1]);
});

test('an image beside the folders means that there are no classes', () => {
  const layout = folderLayout(['cat/a.png', 'dog/a.png', 'stray.png']);
  assert.is(layout.paths.length, 3);
  assert.is(layout.labels, null);
  assert.is(layout.classNames, null);
});

test('one folder around everything is looked through', () => {
  assert.equal(folderLayout(['all/cat/a.png', 'all/dog/a.png']).classNames, ['cat', 'dog']);
  assert.is(folderLayout(['all/a.png', 'all/b.png']).classNames, null);
});

test('of train and test the train part is taken, and its folders are the classes', () => {
  const layout = folderLayout(['set/test/cat/1.png', 'set/train/cat/2.png', 'set/Train/cat/3.png']);
  assert.equal(layout.classNames, ['Train', 'test', 'train'], 'two trains are no split');
  const split = folderLayout(['set/test/cat/1.png', 'set/train/cat/2.png', 'set/train/dog/3.png']);
  assert.equal(split.paths, ['set/train/cat/2.png', 'set/train/dog/3.png']);
  assert.equal(split.classNames, ['cat', 'dog']);
  assert.equal([...split.labels!], [0, 1]);
});

test('a class that is called train is a class where the others are not splits', () => {
  assert.equal(folderLayout(['train/1.png', 'bus/2.png']).classNames, ['bus', 'train']);
});

test('class names are composed, whatever the file system makes of them', () => {
  const decomposed = 'caf\u00e9'.normalize('NFD');
  const layout = folderLayout([`all/${decomposed}/a.png`, 'all/bar/a.png', 'all/caf\u00e9/b.png']);
  assert.equal(layout.classNames, ['bar', 'caf\u00e9']);
  assert.equal([...layout.labels!], [0, 1, 1]);
  assert.ok(layout.paths.includes(`all/${decomposed}/a.png`), 'paths stay as they are, to open the files');
});

test('hidden files and macOS shadow copies are hidden', () => {
  assert.ok(isHidden('.git/a.png') && isHidden('a/._b.png') && isHidden('__MACOSX/a.png'));
  assert.not.ok(isHidden('a/b.c.png'));
});

test('the contact sheet of a folder of faces is no image to train on', () => {
  assert.ok(isHidden('contact-sheet.png') && isHidden('faces/contact-sheet.png'));
  assert.not.ok(isHidden('contact-sheet-0.png'));
});

test.run();
