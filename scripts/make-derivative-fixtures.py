#!/usr/bin/env python3
"""Makes test/fixtures/derivatives.json: first and second derivatives of every op, layer and loss, by PyTorch.

tfjs cannot check its own derivatives (gradients are registered for the whole process), so the numbers come from
outside, in float64. Run from the checkout's root, with PyTorch 2.8 and NumPy 2 (any later ones should do):

    python3 -m venv /tmp/torch && /tmp/torch/bin/pip install torch==2.8.0 numpy
    /tmp/torch/bin/python scripts/make-derivative-fixtures.py

A case has an op's name and attributes, inputs x_i, an output y, weights w in y's shape, directions v_i, and
    first[i]  = the gradient at x_i of sum(y w)
    second[i] = the gradient at x_i of sum_j(first[j] v_j); its last entry is the gradient at w.
Inputs are multiples of 1/32, so that float32 holds them exactly, and keep away from an op's kinks. Images are
NHWC and filters HWIO, as in tfjs; the padding `same` is tfjs's, with the odd pixel after.
"""

import json
import math
import zlib
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
CASES = []


# Inputs -----------------------------------------------------------------------------------------------------


class Draw:
    """Random multiples of 1/32, from a seed that is the case's name."""

    def __init__(self, name):
        self.rng = np.random.default_rng(zlib.crc32(name.encode()))

    def __call__(self, *shape, low=-2.0, high=2.0, away=(), gap=1 / 16, step=1 / 32):
        """Uniform in [low, high], at least `gap` away from the numbers in `away`."""
        grid = np.arange(math.ceil(low / step), math.floor(high / step) + 1) * step
        for point in away:
            grid = grid[np.abs(grid - point) >= gap]
        return self.rng.choice(grid, size=shape)

    def distinct(self, *shape, step=1 / 32):
        """All different: for the greatest among them."""
        size = int(np.prod(shape))
        return (self.rng.permutation(size) - size // 2).reshape(shape) * step


def short(array):
    # Added to zeros, as PyTorch's "efficient zero tensors" turn into stray memory when NumPy reads them.
    whole = np.zeros(array.shape) + (torch.zeros(array.shape) + array).numpy() if torch.is_tensor(array) else np.asarray(array)
    return [float(f"{value:.9g}") for value in whole.ravel()]


def tensor_of(array):
    return {"shape": list(np.shape(array)), "values": short(array)}


def grads(y, xs, create_graph):
    found = torch.autograd.grad(y, xs, create_graph=create_graph, allow_unused=True) if y.requires_grad else [None] * len(xs)
    return [torch.zeros_like(x) if g is None else g for g, x in zip(found, xs)]


def case(op, f, inputs, name=None, **attributes):
    """Adds a case: f maps tensors (and the attributes) to a tensor."""
    draw = Draw(f"{op} {name} {attributes}")
    arrays = inputs(draw)
    xs = [torch.tensor(a, requires_grad=True) for a in arrays]
    y = f(*xs, **attributes)
    w = torch.tensor(np.asarray(draw(*y.shape, low=-1, high=1, step=1 / 16)), requires_grad=True)
    vs = [torch.tensor(np.asarray(draw(*a.shape, low=-1, high=1, step=1 / 16))) for a in arrays]
    first = grads((y * w).sum(), xs, True)
    along = sum((g * v).sum() for g, v in zip(first, vs))
    second = grads(along, [*xs, w], False)
    CASES.append(
        {
            "op": op,
            "attributes": attributes,
            "isTied": name == "ties",
            "inputs": [tensor_of(a) for a in arrays],
            "weights": short(w.detach()),
            "directions": [short(v) for v in vs],
            "output": tensor_of(y.detach()),
            "first": [short(g.detach()) for g in first],
            "second": [short(g.detach()) for g in second],
        }
    )


# Layouts and padding ----------------------------------------------------------------------------------------


def nchw(x):
    return x.permute(0, 3, 1, 2)


def nhwc(x):
    return x.permute(0, 2, 3, 1)


def oihw(w):
    return w.permute(3, 2, 0, 1)


def pair(value):
    return list(value) if isinstance(value, (list, tuple)) else [value, value]


def pads_of(size, kernel, stride, pad, dilation=1):
    """[before, after] along one axis."""
    if pad == "valid":
        return [0, 0]
    if pad == "same":
        reach = (kernel - 1) * dilation + 1
        total = max((math.ceil(size / stride) - 1) * stride + reach - size, 0)
        return [total // 2, total - total // 2]
    return [pad, pad]


def pads_2d(shape, kernel, strides, pad, dilations=(1, 1)):
    """[top, bottom, left, right] for images of shape [n, h, w, c]."""
    if isinstance(pad, list):
        return [*pad[1], *pad[2]]
    rows = pads_of(shape[1], kernel[0], strides[0], pad, dilations[0])
    return [*rows, *pads_of(shape[2], kernel[1], strides[1], pad, dilations[1])]


def padded(x, pads, value=0.0):
    """NHWC to padded NCHW."""
    top, bottom, left, right = pads
    return F.pad(nchw(x), (left, right, top, bottom), value=value)


def conv2d(x, w, stride=1, pad="valid", dilation=1):
    strides, dilations = pair(stride), pair(dilation)
    image = padded(x, pads_2d(x.shape, w.shape[:2], strides, pad, dilations))
    return nhwc(F.conv2d(image, oihw(w), stride=strides, dilation=dilations))


def depthwise(x, w, stride=1, pad="valid", dilation=1):
    strides, dilations = pair(stride), pair(dilation)
    image = padded(x, pads_2d(x.shape, w.shape[:2], strides, pad, dilations))
    kh, kw, c, m = w.shape
    filters = w.permute(2, 3, 0, 1).reshape(c * m, 1, kh, kw)
    return nhwc(F.conv2d(image, filters, stride=strides, dilation=dilations, groups=c))


def conv2d_transpose(x, w, size, stride=1, pad="valid"):
    """w is [h, w, out, in]; the full result is cut to what a convolution from `size` pixels would have read."""
    full = F.conv_transpose2d(nchw(x), w.permute(3, 2, 0, 1), stride=stride)
    shape = [x.shape[0], size, size, w.shape[2]]
    top, _, left, _ = pads_2d(shape, w.shape[:2], pair(stride), pad)
    full = F.pad(full, (0, max(0, left + size - full.shape[3]), 0, max(0, top + size - full.shape[2])))
    return nhwc(full[:, :, top : top + size, left : left + size])


def conv2d_filter_gradient(x, dy, kernel, stride, pad):
    """The gradient to the filter as an op of its own, by sums over pixels."""
    image = padded(x, pads_2d(x.shape, [kernel, kernel], [stride, stride], pad))
    height, width = dy.shape[1:3]
    rows = []
    for i in range(kernel):
        row = []
        for j in range(kernel):
            taken = image[:, :, i : i + (height - 1) * stride + 1 : stride, j : j + (width - 1) * stride + 1 : stride]
            row.append(torch.einsum("nchw,nhwo->co", taken, dy))
        rows.append(torch.stack(row))
    return torch.stack(rows)


# Ops --------------------------------------------------------------------------------------------------------


def unary_cases():
    def one(op, f, low=-2.0, high=2.0, away=(), gap=1 / 16, **attributes):
        case(op, f, lambda d: [d(2, 4, low=low, high=high, away=away, gap=gap)], **attributes)

    halves = [i / 2 for i in range(-6, 7)]
    zero = lambda x: x * 0
    one("abs", torch.abs, away=[0])
    one("neg", torch.neg)
    one("exp", torch.exp)
    one("expm1", torch.expm1)
    one("log", torch.log, low=0.25, high=3)
    one("log1p", torch.log1p, low=-0.5)
    one("sqrt", torch.sqrt, low=0.25, high=3)
    one("rsqrt", torch.rsqrt, low=0.25, high=3)
    one("square", torch.square)
    one("reciprocal", torch.reciprocal, away=[0], gap=0.5)
    for op, f in [("sign", torch.sign), ("floor", torch.floor), ("ceil", torch.ceil), ("round", torch.round)]:
        one(op, f, away=halves)
    one("step", lambda x, alpha: torch.where(x > 0, 1.0, alpha) + zero(x), away=[0], alpha=0.25)
    one("relu", torch.relu, away=[0])
    one("relu6", F.relu6, low=-2, high=8, away=[0, 6])
    one("leakyRelu", lambda x, alpha: F.leaky_relu(x, alpha), away=[0], alpha=0.2)
    one("elu", F.elu, away=[0])
    one("selu", F.selu, away=[0])
    one("softplus", F.softplus)
    one("logSigmoid", F.logsigmoid)
    one("sigmoid", torch.sigmoid)
    one("tanh", torch.tanh)
    for op in ["sin", "cos", "atan", "sinh", "cosh", "asinh"]:
        one(op, getattr(torch, op))
    one("tan", torch.tan, low=-1, high=1)
    for op in ["asin", "acos", "atanh"]:
        one(op, getattr(torch, op), low=-0.8, high=0.8)
    one("acosh", torch.acosh, low=1.25, high=3)
    one("erf", torch.erf)
    one("cast", lambda x: x * x)
    one("identity", lambda x: x * x)
    one("onesLike", lambda x: x * torch.ones_like(x))
    one("zerosLike", lambda x: x * x + torch.zeros_like(x))
    one("clip", lambda x, least, most: torch.clamp(x, least, most), away=[-0.5, 1], least=-0.5, most=1)
    # Two paths from x: where one of them is lost, no error tells.
    one("tanh twice", lambda x: x * torch.tanh(x) * torch.tanh(x))
    case("prelu", lambda x, a: torch.where(x > 0, x, a * x), lambda d: [d(2, 3, 4, away=[0]), d(4, low=0.1, high=1)])


def pair_cases():
    def two(op, f, **where):
        # Both broadcast, along axes of length one and missing ones.
        case(op, f, lambda d: [d(2, 1, 3, **where), d(4, 1, **where)])

    two("add", lambda a, b: (a + b) ** 2)
    two("sub", lambda a, b: (a - b) ** 2)
    two("mul", torch.mul)
    two("div", torch.div, away=[0], gap=0.5)
    two("squaredDifference", lambda a, b: (a - b) ** 2)
    two("pow", torch.pow, low=0.25, high=2)
    two("atan2", torch.atan2, away=[0], gap=0.5)
    odd = lambda d: (d(2, 1, 3) * 2 + 1 / 32, d(4, 1) * 2)  # never equal: odd against even
    case("maximum", lambda a, b: torch.maximum(a, b) ** 2, lambda d: list(odd(d)))
    case("minimum", lambda a, b: torch.minimum(a, b) ** 2, lambda d: list(odd(d)))
    case("greater", lambda a, b: a * b * (a > b), lambda d: list(odd(d)))
    case("where", lambda a, b: torch.where(a > b, a * a, a * b), lambda d: list(odd(d)))
    between = lambda d: [d(2, 1, 3, low=2.125, high=2.875), np.array([[1.0], [1.5], [2.0], [3.0]])]
    case("mod", lambda a, b: (a - b * torch.floor(a / b).detach()) ** 2, between)
    case("floorDiv", lambda a, b: a * b * torch.floor(a / b).detach(), between)
    case("addN", lambda a, b, c: (a + b + c) ** 2, lambda d: [d(2, 3), d(2, 3), d(2, 3)])
    case("powConstant", lambda x, exponent: x**exponent, lambda d: [d(2, 4)], exponent=3)
    case("powConstant", lambda x, exponent: x**exponent, lambda d: [np.array([0.0, 0.5, -1.0])], exponent=2)
    case("powConstant", lambda x, exponent: x**exponent, lambda d: [np.array([0.0, 0.5, -1.0])], exponent=1)


def reduction_cases():
    def on(op, f, inputs, **attributes):
        case(op, lambda x, axis, keepDims: f(x, axis, keepDims) ** 2, inputs, **attributes)

    plain = lambda d: [d(2, 3, 4)]
    distinct = lambda d: [d.distinct(2, 3, 4)]
    for axis, keep in [([0, 1, 2], False), ([0, 2], False), ([1], True), ([-1], False)]:
        on("sum", lambda x, a, k: x.sum(dim=a, keepdim=k), plain, axis=axis, keepDims=keep)
        on("mean", lambda x, a, k: x.mean(dim=a, keepdim=k), plain, axis=axis, keepDims=keep)
        on("max", lambda x, a, k: x.amax(dim=a, keepdim=k), distinct, axis=axis, keepDims=keep)
        on("min", lambda x, a, k: x.amin(dim=a, keepdim=k), distinct, axis=axis, keepDims=keep)
        on("logSumExp", lambda x, a, k: x.logsumexp(dim=a, keepdim=k), distinct, axis=axis, keepDims=keep)
    ties = lambda d: [np.array([[1.0, 2.0, 2.0], [0.5, 0.25, 0.5]])]
    on("max", lambda x, a, k: x.amax(dim=a, keepdim=k), ties, name="ties", axis=[1], keepDims=False)
    on("min", lambda x, a, k: x.amin(dim=a, keepdim=k), ties, name="ties", axis=[0], keepDims=True)

    def product(x, axes, keep):
        for axis in sorted((a % x.dim() for a in axes), reverse=True):
            x = x.prod(dim=axis, keepdim=keep)
        return x

    on("prod", product, plain, axis=[1], keepDims=False)
    on("prod", product, plain, axis=[0, 2], keepDims=True)
    on("prod", product, lambda d: [np.array([[1.5, 0.0, 2.0], [0.0, 0.0, 3.0]])], name="zeros", axis=[1], keepDims=False)

    def cumulative(x, axis, exclusive, reverse):
        y = x.flip(axis) if reverse else x
        total = y.cumsum(axis) - (y if exclusive else 0)
        return (total.flip(axis) if reverse else total) ** 2

    for axis, exclusive, reverse in [(0, False, False), (1, True, False), (2, False, True), (1, True, True)]:
        case("cumsum", cumulative, plain, axis=axis, exclusive=exclusive, reverse=reverse)
    case("softmax", lambda x: x.softmax(-1), lambda d: [d(3, 4)])
    case("logSoftmax", lambda x: x.log_softmax(-1), lambda d: [d(3, 4)])


def shape_cases():
    def on(op, f, inputs=lambda d: [d(2, 3, 4)], **attributes):
        """Squared, so that the second derivative shows where each value went."""
        case(op, lambda *xs, **a: f(*xs, **a) ** 2, inputs, **attributes)

    on("reshape", lambda x, shape: x.reshape(shape), shape=[4, 6])
    on("expandDims", lambda x, axis: x.unsqueeze(axis), axis=1)
    on("expandDims", lambda x, axis: x.unsqueeze(axis), axis=-1)
    on("squeeze", lambda x: x.squeeze(1), lambda d: [d(2, 1, 4)])
    on("transpose", lambda x, perm: x.permute(perm), perm=[2, 0, 1])
    several = lambda d: [d(2, 1, 2), d(2, 3, 2), d(2, 2, 2)]
    on("concat", lambda a, b, c, axis: torch.cat([a, b, c], axis), several, axis=1)
    on("stack", lambda a, b, axis: torch.stack([a, b], axis), lambda d: [d(2, 3), d(2, 3)], axis=1)
    on("unstack", lambda x, axis: x.select(axis, 0) * x.select(axis, 2), axis=1)
    on("split", lambda x, sizes, axis: x.split(sizes, axis)[1] * x.split(sizes, axis)[1].exp(), sizes=[1, 2], axis=1)
    on("slice", lambda x, begin, size: x[0:1, 1:3, 2:4], begin=[0, 1, 2], size=[1, 2, -1])
    strided = lambda x, begin, end, strides: x[tuple(slice(b, e, s) for b, e, s in zip(begin, end, strides))]
    long = lambda d: [d(3, 7, 6)]
    on("stridedSlice", strided, long, begin=[0, 1, 0], end=[3, 7, 6], strides=[2, 3, 1])
    on("stridedSlice", strided, long, begin=[1, 0, 3], end=[2, 7, 6], strides=[1, 2, 2])
    backwards = lambda x, begin, end, strides: x[:, [6, 4, 2], :][:, :, [4, 3, 2]]
    on("stridedSlice", backwards, long, begin=[0, 6, 4], end=[3, 0, 1], strides=[1, -2, -1])
    on("stridedSliceMasked", lambda x: x[:, 2, :4].unsqueeze(0), long)
    on("pad", lambda x, pads, value: F.pad(x, [p for ab in reversed(pads) for p in ab], value=value), pads=[[0, 1], [2, 0], [1, 3]], value=0.5)
    image = lambda d: [d(1, 4, 3, 2)]

    def mirrored(x, pads, mode):
        for axis, (before, after) in enumerate(pads):
            n, skip = x.shape[axis], int(mode == "reflect")
            order = [before - 1 - i + skip for i in range(before)] + list(range(n)) + [n - 1 - skip - i for i in range(after)]
            x = x.index_select(axis, torch.tensor(order))
        return x

    on("mirrorPad", mirrored, image, pads=[[0, 0], [2, 3], [1, 0], [0, 0]], mode="reflect")
    on("mirrorPad", mirrored, image, pads=[[0, 0], [4, 1], [2, 3], [1, 0]], mode="symmetric")
    on("tile", lambda x, reps: x.tile(reps), reps=[2, 1, 3])
    on("tile", lambda x, reps: x.tile(reps), lambda d: [d(1, 3, 1)], reps=[2, 1, 3])
    on("broadcastTo", lambda x, shape: x.broadcast_to(shape), lambda d: [d(3, 1)], shape=[2, 3, 4])
    on("reverse", lambda x, axis: x.flip(axis), axis=[0, 2])
    on("gather", lambda x, indices, axis, batchDims: x[:, torch.tensor(indices)], indices=[2, 0, 2, 2], axis=1, batchDims=0)
    on("gather", lambda x, indices, axis, batchDims: x[torch.tensor(indices)], indices=[[1, 1], [0, 1]], axis=0, batchDims=0)
    batched = lambda x, indices, axis, batchDims: torch.stack([x[i][:, torch.tensor(row)] for i, row in enumerate(indices)])
    on("gather", batched, indices=[[3, 3, 0], [1, 2, 1]], axis=2, batchDims=1)
    on("oneHot", lambda x, indices: F.one_hot(torch.tensor(indices), 3).double() @ x, lambda d: [d(3, 4)], indices=[2, 0, 2])

    def depth_to_space(x, block):
        n, h, w, c = x.shape
        blocks = x.reshape(n, h, w, block, block, c // block**2).permute(0, 1, 3, 2, 4, 5)
        return blocks.reshape(n, h * block, w * block, c // block**2)

    on("depthToSpace", depth_to_space, lambda d: [d(2, 2, 3, 8)], block=2)


def product_cases():
    for ta in [False, True]:
        for tb in [False, True]:
            shapes = lambda d: [d(2, *((4, 3) if ta else (3, 4))), d(2, *((2, 4) if tb else (4, 2)))]
            product = lambda a, b, transposeA, transposeB: (a.mT if transposeA else a) @ (b.mT if transposeB else b)
            case("matMul", product, shapes, transposeA=ta, transposeB=tb)
    case("matMul", lambda a, b, **_: a @ b.mT, lambda d: [d(2, 3, 4), d(2, 4)], transposeA=False, transposeB=True)
    case("matMul", lambda a, b, **_: a.mT @ b, lambda d: [d(4, 2), d(2, 4, 3)], transposeA=True, transposeB=False)
    case("dense", lambda x, w, b: torch.tanh(x @ w + b), lambda d: [d(3, 4), d(4, 2), d(2)])

    def image(size, kernel, cin=2, cout=2):
        return lambda d: [d(2, size, size, cin), d(*pair(kernel), cin, cout, low=-1, high=1)]

    for kernel, stride, pad, size in [
        (3, 1, "same", 4), (3, 2, "same", 5), (3, 2, "same", 4), (4, 1, "same", 4), (4, 2, "same", 6),
        (4, 2, "same", 5), (5, 2, "same", 6), (5, 2, "same", 5), (5, 1, "same", 4), (2, 3, "same", 7),
        (3, 1, "valid", 4), (3, 2, "valid", 6), (4, 2, "valid", 7), (4, 1, "valid", 4), (1, 1, "valid", 3),
        (3, 1, 1, 4), (4, 2, 1, 6), (5, 2, 2, 5), (3, [2, 1], "same", 5), ([2, 3], 1, "same", 4),
        (3, 1, [[0, 0], [1, 0], [0, 2], [0, 0]], 4),
    ]:  # fmt: skip
        case("conv2d", conv2d, image(size, kernel), stride=stride, pad=pad, dilation=1)
    case("conv2d", conv2d, image(6, 3), stride=1, pad="same", dilation=2)
    case("conv2d", conv2d, image(7, 3), stride=1, pad="valid", dilation=[2, 3])
    for kernel, stride, pad, size in [(4, 2, "same", 6), (3, 1, 1, 4), (3, 2, "valid", 7)]:
        out = (size - kernel) // stride + 1 if pad == "valid" else math.ceil(size / stride)
        inputs = lambda d: [d(2, size, size, 2), d(2, out, out, 2)]
        case("conv2dFilterGradient", conv2d_filter_gradient, inputs, kernel=kernel, stride=stride, pad=pad)
    for kernel, stride, pad, size, to in [
        (4, 2, "same", 3, 6), (4, 2, "same", 2, 3), (5, 2, "same", 3, 6), (5, 2, "same", 3, 5), (3, 1, "same", 4, 4),
        (4, 1, "valid", 1, 4), (3, 2, "valid", 2, 5), (4, 2, 1, 3, 6), (2, 3, "same", 2, 5),
    ]:  # fmt: skip
        case("conv2dTranspose", conv2d_transpose, image(size, kernel, 2, 2), size=to, stride=stride, pad=pad)
    for kernel, stride, pad, size, multiple, dilation in [
        (3, 1, "same", 4, 1, 1), (3, 2, "same", 5, 2, 1), (4, 2, "valid", 6, 1, 1), (2, 1, "valid", 4, 2, 1),
        (3, 1, 1, 4, 1, 1), (2, 1, "same", 5, 1, 2),
    ]:  # fmt: skip
        case("depthwiseConv2d", depthwise, image(size, kernel, 2, multiple), stride=stride, pad=pad, dilation=dilation)


def pooling_cases():
    def max_pool(x, size, stride, pad):
        image = padded(x, pads_2d(x.shape, pair(size), pair(stride), pad), value=-math.inf)
        return nhwc(F.max_pool2d(image, size, stride)) ** 2

    def avg_pool(x, size, stride, pad):
        pads = pads_2d(x.shape, pair(size), pair(stride), pad)
        total = F.avg_pool2d(padded(x, pads), size, stride)
        return nhwc(total / F.avg_pool2d(padded(torch.ones_like(x), pads), size, stride)) ** 2

    for size, stride, pad, side in [(2, 2, "valid", 4), (3, 2, "same", 5), (3, 2, "same", 4), (2, 1, "valid", 4), (3, 2, 1, 5), (2, 2, "valid", 5)]:
        case("maxPool", max_pool, lambda d: [d.distinct(2, side, side, 2)], size=size, stride=stride, pad=pad)
        case("avgPool", avg_pool, lambda d: [d(2, side, side, 2)], size=size, stride=stride, pad=pad)

    def taken(x, to, alignCorners, halfPixelCenters, linear):
        """Resizing by tfjs's three conventions, one axis after the other."""
        for axis in (1, 2):
            n = x.shape[axis]
            ends = 1 if alignCorners and to > 1 else 0
            at = torch.arange(to, dtype=torch.float64) * (n - ends) / (to - ends)
            if halfPixelCenters:
                at = (torch.arange(to) + 0.5) * n / to - (0.5 if linear else 0)
            if not linear:
                pixel = torch.floor(at + 0.5) if alignCorners else torch.floor(at)
                x = x.index_select(axis, pixel.long().clamp(0, n - 1))
                continue
            low = torch.floor(at).clamp(min=0)
            share = (at - low).reshape([-1 if i == axis else 1 for i in range(4)]).clamp(min=0)
            a = x.index_select(axis, low.long())
            b = x.index_select(axis, torch.ceil(at).long().clamp(0, n - 1))
            x = a + (b - a) * share
        return x**2

    for align, half in [(False, False), (True, False), (False, True)]:
        for side, to in [(3, 6), (2, 6), (3, 5), (5, 3)]:
            options = {"to": to, "alignCorners": align, "halfPixelCenters": half}
            image = lambda d: [d(2, side, side, 2)]
            case("resizeNearest", lambda x, **o: taken(x, linear=False, **o), image, **options)
            case("resizeBilinear", lambda x, **o: taken(x, linear=True, **o), image, **options)
            if half and to == 2 * side:  # the one convention that PyTorch shares, as a check on `taken`
                x = torch.tensor(Draw("check")(2, side, side, 2))
                for mode, linear in [("nearest-exact", False), ("bilinear", True)]:
                    theirs = nhwc(F.interpolate(nchw(x), size=to, mode=mode)) ** 2
                    assert torch.allclose(theirs, taken(x, to, align, half, linear))


def normalisation_cases():
    def normalised(x, axes, epsilon=1e-5):
        variance, mean = torch.var_mean(x, dim=axes, keepdim=True, correction=0)
        return (x - mean) / torch.sqrt(variance + epsilon)

    affine = lambda d, *shape: [d(*shape), d(shape[-1], low=0.5), d(shape[-1])]
    case("batchNorm", lambda x, g, b: normalised(x, [0, 1, 2]) * g + b, lambda d: affine(d, 2, 3, 2, 3))
    case("batchNorm", lambda x, g, b: normalised(x, [0]) * g + b, lambda d: affine(d, 5, 3))
    x = torch.tensor(Draw("check")(2, 3, 2, 4))  # PyTorch's own batch norm, as a check on the formula
    assert torch.allclose(nhwc(F.batch_norm(nchw(x), None, None, training=True)), normalised(x, [0, 1, 2]))
    case("layerNorm", lambda x, g, b: normalised(x, [1, 2, 3]) * g + b, lambda d: affine(d, 2, 3, 2, 2))
    case("instanceNorm", lambda x, g, b: normalised(x, [1, 2]) * g + b, lambda d: affine(d, 2, 3, 3, 2))
    case("pixelNorm", lambda x: x * torch.rsqrt((x * x).mean(-1, keepdim=True) + 1e-8), lambda d: [d(2, 2, 2, 3)])
    for op in ["normaliseWith", "tfBatchNorm"]:
        case(
            op,
            lambda x, m, v, g, b: (x - m) / torch.sqrt(v + 1e-3) * g + b,
            lambda d: [d(2, 3, 2, 2), d(2), d(2, low=0.5), d(2), d(2)],
        )


# Losses -----------------------------------------------------------------------------------------------------


def loss_cases():
    logits = lambda d: [d(5, away=[-1, 1]), d(5, away=[-1, 1])]
    soft = F.softplus
    case("nonSaturatingD", lambda r, f: soft(-r).mean() + soft(f).mean(), logits)
    case("nonSaturatingG", lambda f: soft(-f).mean(), lambda d: [d(5)])
    case("smoothedD", lambda r, f, keep: (keep * soft(-r) + (1 - keep) * soft(r)).mean() + soft(f).mean(), logits, keep=0.9)
    case("minimaxG", lambda f: -soft(f).mean(), lambda d: [d(5)])
    case("leastSquaresD", lambda r, f: 0.5 * ((r - 1) ** 2).mean() + 0.5 * (f**2).mean(), logits)
    case("hingeD", lambda r, f: torch.relu(1 - r).mean() + torch.relu(1 + f).mean(), logits)
    case("wasserstein", lambda r, f: f.mean() - r.mean(), logits)
    case(
        "softmaxCrossEntropy",
        lambda x, labels: F.cross_entropy(x, torch.tensor(labels)),
        lambda d: [d(4, 3)],
        labels=[2, 0, 1, 1],
    )

    # Penalties on the gradient of a critic: derivatives of derivatives, and their second ones are third.
    def critic(x, w, b, u):
        return torch.tanh(x @ w + b) @ u

    def slope(x, *parameters):
        x = x if x.requires_grad else x.clone().requires_grad_()
        return torch.autograd.grad(critic(x, *parameters).sum(), x, create_graph=True)[0]

    inputs = lambda d: [d(3, 4), d(4, 5, low=-1, high=1), d(5), d(5, 1)]
    case("gradientPenalty", lambda x, *p: ((slope(x, *p).norm(dim=1) - 1) ** 2).mean(), inputs)
    case("r1", lambda x, *p: 0.5 * (slope(x, *p) ** 2).sum(1).mean(), inputs)

    def conv_slope(x, w, u, kind):
        activation = {"tanh": torch.tanh, "leakyRelu": lambda t: F.leaky_relu(t, 0.2)}[kind]
        logit = (activation(conv2d(x, w, 2, "same")) * u).sum()
        return 0.5 * (torch.autograd.grad(logit, x, create_graph=True)[0] ** 2).sum()

    for kind in ["tanh", "leakyRelu"]:
        images = lambda d: [d(2, 4, 4, 2), d(4, 4, 2, 2, low=-1, high=1), d(2, 2, 2)]
        case("convolutionR1", conv_slope, images, kind=kind)


# A whole DCGAN at 16 x 16 -----------------------------------------------------------------------------------


def dcgan():
    """Losses of a small G and D, with their gradients at all parameters."""
    draw = Draw("dcgan")
    weights = lambda *shape: draw(*shape, low=-0.5, high=0.5, step=1 / 64)
    gains = lambda n: draw(n, low=0.75, high=1.25)
    shifts = lambda n: draw(n, low=-0.25, high=0.25)
    parameters = {
        "g/project": weights(6, 4 * 4 * 8), "g/scale0": gains(8), "g/offset0": shifts(8),
        "g/up1": weights(4, 4, 4, 8), "g/scale1": gains(4), "g/offset1": shifts(4),
        "g/up2": weights(4, 4, 3, 4), "g/bias2": shifts(3),
        "d/down1": weights(4, 4, 3, 4), "d/bias1": shifts(4),
        "d/down2": weights(5, 5, 4, 8), "d/scale2": gains(8), "d/offset2": shifts(8),
        "d/logit": weights(4 * 4 * 8, 1), "d/bias3": shifts(1),
    }  # fmt: skip
    constants = {"z": draw(4, 6, low=-1, high=1), "real": draw(4, 16, 16, 3, low=-1, high=1), "mix": draw(4, 1, 1, 1, low=0, high=1)}
    p = {name: torch.tensor(value, requires_grad=True) for name, value in parameters.items()}
    z, real, mix = (torch.tensor(constants[name]) for name in ("z", "real", "mix"))

    def norm(x, scale, offset, axes):
        variance, mean = torch.var_mean(x, dim=axes, keepdim=True, correction=0)
        return (x - mean) / torch.sqrt(variance + 1e-5) * scale + offset

    def generator():
        x = (z @ p["g/project"]).reshape(-1, 4, 4, 8)
        x = torch.relu(norm(x, p["g/scale0"], p["g/offset0"], [0, 1, 2]))
        x = conv2d_transpose(x, p["g/up1"], 8, 2, "same")
        x = torch.relu(norm(x, p["g/scale1"], p["g/offset1"], [0, 1, 2]))
        return torch.tanh(conv2d_transpose(x, p["g/up2"], 16, 2, "same") + p["g/bias2"])

    def discriminator(x, axes=(0, 1, 2)):
        x = F.leaky_relu(conv2d(x, p["d/down1"], 2, "same") + p["d/bias1"], 0.2)
        x = norm(conv2d(x, p["d/down2"], 2, "same"), p["d/scale2"], p["d/offset2"], list(axes))
        return F.leaky_relu(x, 0.2).reshape(-1, 4 * 4 * 8) @ p["d/logit"] + p["d/bias3"]

    fake = generator()
    per_image = (1, 2, 3)

    def slope(x, axes):
        x = x.detach().clone().requires_grad_()
        return torch.autograd.grad(discriminator(x, axes).sum(), x, create_graph=True)[0].flatten(1)

    losses = {
        "discriminator": ("d/", F.softplus(-discriminator(real)).mean() + F.softplus(discriminator(fake.detach())).mean()),
        "generator": ("g/", F.softplus(-discriminator(fake)).mean()),
        "r1": ("d/", 5 * (slope(real, (0, 1, 2)) ** 2).sum(1).mean()),
        "critic": (
            "d/",
            discriminator(fake.detach(), per_image).mean()
            - discriminator(real, per_image).mean()
            + 10 * ((slope(real + mix * (fake - real), per_image).norm(dim=1) - 1) ** 2).mean(),
        ),
    }
    found = {}
    for name, (prefix, loss) in losses.items():
        wanted = [key for key in p if key.startswith(prefix)]
        gradients = torch.autograd.grad(loss, [p[key] for key in wanted], retain_graph=True, allow_unused=True)
        found[name] = {
            "value": float(f"{loss.item():.9g}"),
            "gradients": {
                key: short(np.zeros(p[key].shape) if g is None else g) for key, g in zip(wanted, gradients)
            },
        }
    tensors = {name: tensor_of(value) for name, value in {**parameters, **constants}.items()}
    return {"tensors": tensors, "images": short(fake.detach()), "losses": found}


def main():
    for family in [unary_cases, pair_cases, reduction_cases, shape_cases, product_cases, pooling_cases, normalisation_cases, loss_cases]:
        family()
    fixture = {"madeBy": f"scripts/make-derivative-fixtures.py, PyTorch {torch.__version__.split('+')[0]}, float64", "cases": CASES, "dcgan": dcgan()}
    for i, c in enumerate(CASES):
        for values in [c["output"]["values"], *c["first"], *c["second"]]:
            assert np.isfinite(values).all(), f"case {i}, {c['op']} {c['attributes']}: not finite"
    out = Path("test/fixtures/derivatives.json")
    lines = ",\n".join(json.dumps(c, separators=(",", ":")) for c in CASES)
    rest = json.dumps({k: v for k, v in fixture.items() if k != "cases"}, separators=(",", ":"))
    out.write_text(f'{rest[:-1]},"cases":[\n{lines}\n]}}\n')
    print(f"{len(CASES)} cases, {out.stat().st_size / 1e3:.0f} kB")


main()
