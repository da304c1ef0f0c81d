// Layouts against their definition: values laid out element by element.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { fromLayout, inverse, toLayout, transposed } from '../../../trainer/graph/lower/context.ts';
import {
  blockedImages,
  identityLayout,
  isIdentity,
  nchw,
  permutation,
  physicalDims,
  plainLayout,
  reshapedLayout,
  sameOrder,
  toPhysical,
  withoutAxes,
  type Layout,
} from '../../../trainer/graph/lower/layout.ts';
import { Draw } from './kernel-cases/kernel-case.ts';
import { sizeOf } from '../../../trainer/graph/trace/graph.ts';

/** The numbers of elements (row-major, of `shape`) in the order in which `layout` has them lie. */
function laid(shape: readonly number[], layout: Layout): number[] {
  const result: number[] = [];
  const walk = (depth: number, index: number[]): void => {
    if (depth === layout.length) {
      result.push(index.reduce((at, position, axis) => at * shape[axis]! + position, 0));
      return;
    }
    const axis = layout[depth]!;
    for (let i = 0; i < shape[axis]!; i++) walk(depth + 1, Object.assign([...index], { [axis]: i }));
  };
  walk(0, new Array<number>(shape.length).fill(0));
  return result;
}

/** A reshape that merges, splits and adds axes. */
function reshaped(draw: Draw, shape: readonly number[]): number[] {
  const result: number[] = [];
  for (const dim of shape) {
    if (draw.integer(0, 3) === 0) result.push(1);
    if (result.length > 0 && draw.integer(0, 2) === 0) result.push(result.pop()! * dim);
    else if (dim === 4 || dim === 6) result.push(2, dim / 2);
    else result.push(dim);
  }
  return result;
}

const layouts = suite('layouts');

layouts('nchw lays an NHWC image plane by plane', () => {
  assert.equal(toPhysical(['n', 'h', 'w', 'c'], nchw), ['n', 'c', 'h', 'w']);
  assert.equal(laid([1, 1, 2, 3], nchw), [0, 3, 1, 4, 2, 5]);
});

layouts('transposed() lays values out, and with the inverse layout brings them back', () => {
  const draw = new Draw(1);
  for (let i = 0; i < 200; i++) {
    const shape = draw.shape(draw.integer(0, 5));
    const layout = draw.permutation(shape.length);
    const values = Float32Array.from({ length: sizeOf(shape) }, (_, at) => at);
    const there = transposed(values, shape, layout);
    assert.equal([...there], laid(shape, layout));
    assert.equal(transposed(there, toPhysical(shape, layout), inverse(layout)), values);
  }
});

layouts('permutation() is what a transpose from one layout to another takes', () => {
  const draw = new Draw(2);
  for (let i = 0; i < 200; i++) {
    const shape = draw.shape(draw.integer(1, 5));
    const [from, to] = [draw.permutation(shape.length), draw.permutation(shape.length)];
    const physical = toPhysical(shape, from);
    const order = laid(physical, permutation(from, to)).map((at) => laid(shape, from)[at]);
    assert.equal(order, laid(shape, to));
  }
});

layouts('sameOrder() holds exactly where the values lie alike', () => {
  const draw = new Draw(3);
  let alike = 0;
  for (let i = 0; i < 300; i++) {
    const shape = draw.shape(draw.integer(1, 4), 2);
    const [a, b] = [draw.permutation(shape.length), draw.permutation(shape.length)];
    const isAlike = laid(shape, a).join() === laid(shape, b).join();
    assert.is(sameOrder(shape, a, b), isAlike, `[${shape}] ${a} and ${b}`);
    alike += Number(isAlike);
  }
  assert.ok(alike > 50 && alike < 250);
});

layouts('withoutAxes() is the layout of a reduction that keeps the others in place', () => {
  assert.equal(withoutAxes(nchw, [1, 2]), [0, 1]);
  assert.equal(withoutAxes([3, 2, 0, 1], [2]), [2, 0, 1]);
  assert.equal(withoutAxes([1, 0], [0, 1]), []);
});

layouts('reshapedLayout() keeps values where they lie, or says that it cannot', () => {
  const draw = new Draw(4);
  let kept = 0;
  for (let i = 0; i < 1000; i++) {
    const from = Array.from({ length: draw.integer(0, 5) }, () => draw.pick([1, 2, 3, 4, 6]));
    const to = reshaped(draw, from);
    const layout = draw.chance() ? identityLayout(from.length) : draw.permutation(from.length);
    const result = reshapedLayout(from, to, layout);
    if (result === null) continue;
    kept++;
    assert.is(result.length, to.length);
    assert.equal(laid(to, result), laid(from, layout), `[${from}] to [${to}], ${layout} to ${result}`);
  }
  assert.ok(kept > 300, `${kept} kept`);
});

layouts('reshapedLayout() keeps every reshape of values that lie in order', () => {
  const draw = new Draw(5);
  for (let i = 0; i < 300; i++) {
    const from = draw.shape(draw.integer(0, 4));
    const to = reshaped(draw, from);
    const result = reshapedLayout(from, to, identityLayout(from.length));
    assert.ok(result !== null && isIdentity(result), `[${from}] to [${to}]`);
  }
});

layouts('an upsampling of NCHW values keeps them NCHW', () => {
  assert.equal(reshapedLayout([2, 4, 4, 3], [2, 4, 1, 4, 1, 3], nchw), [0, 5, 1, 2, 3, 4]);
  assert.equal(reshapedLayout([2, 4, 2, 4, 2, 3], [2, 8, 8, 3], [0, 5, 1, 2, 3, 4]), nchw);
});

layouts('a flattening of NCHW values does not keep them', () => {
  assert.is(reshapedLayout([2, 4, 4, 3], [2, 48], nchw), null);
});

layouts(
  'an axis that stands twice is cut: its blocks lie where it stands first, the places in one where it stands last',
  () => {
    assert.equal(physicalDims([2, 3, 5, 8], blockedImages, 4), [2, 2, 3, 5, 4]);
    const data = Float32Array.from({ length: 8 }, (_, i) => i);
    // One row of two pixels with four channels, in blocks of two.
    assert.equal([...toLayout(data, [1, 1, 2, 4], blockedImages, 2)], [0, 1, 4, 5, 2, 3, 6, 7]);
  },
);

layouts('fromLayout() undoes toLayout(), cut axes and all', () => {
  const draw = new Draw(6);
  for (let i = 0; i < 200; i++) {
    const rank = draw.integer(1, 4);
    const shape = Array.from({ length: rank }, () => 2 * draw.integer(1, 3));
    const layout = draw.permutation(rank);
    const cut = draw.integer(0, rank - 1);
    layout.splice(draw.integer(0, layout.length), 0, cut);
    const values = Float32Array.from({ length: sizeOf(shape) }, (_, at) => at);
    const there = toLayout(values, shape, layout, 2);
    assert.equal(fromLayout(there, shape, layout, 2), values);
    assert.equal(plainLayout(layout).toSorted(), identityLayout(rank));
  }
});

layouts('an axis that is no multiple of the block cannot be cut, one of length one broadcasts', () => {
  assert.equal(physicalDims([2, 3, 5, 1], blockedImages, 4), [2, 1, 3, 5, 1]);
  assert.throws(
    () => physicalDims([2, 3, 5, 6], blockedImages, 4),
    /an axis of 6 cannot be cut into blocks of 4/,
  );
});

layouts('what a reduction leaves of a cut axis is still cut', () => {
  assert.equal(withoutAxes(blockedImages, [0, 1, 2]), [0, 0]);
  assert.equal(withoutAxes(blockedImages, [3]), [0, 1, 2]);
});

layouts.run();
