"""Makes test/fixtures/style.json: what PyTorch, in float64, computes for one whole training step of StyleGAN's networks.

    python3 scripts/make-style-fixture.py    # needs torch

Written apart from the program: doubling is nearest-neighbour, then a 3x3 convolution; halving is a 3x3 convolution, then a mean
of four. Networks, state and inputs are waves, and gradients are kept, as in make-family-fixture.py.
"""

import importlib.util
import json
import math
import pathlib

import torch
import torch.nn.functional as F

spec = importlib.util.spec_from_file_location("family", pathlib.Path(__file__).with_name("make-family-fixture.py"))
family = importlib.util.module_from_spec(spec)
spec.loader.exec_module(family)
wave = family.wave

BATCH, CHANNELS, WIDTH, LATENT, CLASSES, MAPPING, RATE = 4, 3, 4, 8, 3, 2, 0.01
SIZE = 16  # of the finished images; a step sets it


def width(side):
    return WIDTH * SIZE // (2 * side)


def sides(largest):
    return [side for side in (4, 8, 16, 32, 64, 128, 256) if side <= largest]


def generator_shapes(latent):
    shapes = {}
    for i in range(1, MAPPING + 1):
        shapes |= {f"generator/mapping/dense{i}/kernel": [latent, latent], f"generator/mapping/dense{i}/bias": [latent]}
    for side in sides(SIZE):
        c = width(side)
        for layer in ("first", "second"):
            name = f"generator/{side}x{side}/{layer}"
            if layer == "second":
                shapes[f"{name}/kernel"] = [3, 3, c, c]
            elif side == 4:
                shapes[f"{name}/constant"] = [1, 4, 4, c]
            else:
                shapes[f"{name}/kernel/3x3"] = [3, 3, c, width(side // 2)]  # out, in; turned by half a turn
            shapes |= {f"{name}/noise": [c], f"{name}/bias": [c]}
            shapes |= {f"{name}/style/kernel": [latent, 2 * c], f"{name}/style/bias": [2 * c]}
    for side in sides(SIZE):
        name = f"generator/{side}x{side}/image"
        shapes |= {f"{name}/kernel": [1, 1, width(side), CHANNELS], f"{name}/bias": [CHANNELS]}
    return shapes


def discriminator_shapes(maps, projected):
    shapes = {}

    def add(name, shape):
        shapes[name] = shape
        shapes[name.replace("/3x3", "").replace("/kernel", "/bias")] = [shape[-1]]

    for side in reversed(sides(SIZE)):
        name, c = f"discriminator/{side}x{side}", width(side)
        add(f"{name}/image/kernel", [1, 1, CHANNELS + maps, c])
        if side > 4:
            add(f"{name}/first/kernel", [3, 3, c, c])
            add(f"{name}/second/kernel/3x3", [3, 3, c, width(side // 2)])
        else:
            add(f"{name}/first/kernel", [3, 3, c + 1, c])
            add(f"{name}/dense/kernel", [16 * c, c])
    add("discriminator/logit/kernel", [width(4), 1])
    if projected:
        shapes["discriminator/projection/kernel"] = [projected, width(4)]
    return shapes


def make(shapes, first, scale):
    return {
        name: wave(first + k, shape, 30.0 if "mapping" in name else scale)
        for k, (name, shape) in enumerate(shapes.items())
    }


def leaky(x):
    return F.leaky_relu(x, 0.2)


def view(vector):
    return vector.view(1, -1, 1, 1)


def conv(P, name, x, gain=math.sqrt(2)):
    kernel = P[f"{name}/kernel"] * gain / math.sqrt(math.prod(P[f"{name}/kernel"].shape[:3]))
    return F.conv2d(x, kernel.permute(3, 2, 0, 1), padding=kernel.shape[0] // 2)


def mapped(P, z):
    x = z / torch.sqrt((z**2).mean(1, keepdim=True) + 1e-8)
    for i in range(1, MAPPING + 1):
        name = f"generator/mapping/dense{i}"
        x = leaky(x @ (P[f"{name}/kernel"] * math.sqrt(2 / len(P[f"{name}/kernel"])) * 0.01) + P[f"{name}/bias"] * 0.01)
    return x


def generate(P, z, second, first, noise, side, share):
    w1, w2 = mapped(P, z), mapped(P, second)
    x = P["generator/4x4/first/constant"].permute(0, 3, 1, 2).expand(BATCH, -1, -1, -1)
    index, before = 0, None
    for at in sides(side):
        for layer in ("first", "second"):
            name = f"generator/{at}x{at}/{layer}"
            if layer == "second":
                x = conv(P, name, x)
            elif at > 4:
                if at == side and share is not None:
                    before = x
                kernel = P[f"{name}/kernel/3x3"]
                kernel = kernel * math.sqrt(2) / math.sqrt(9 * kernel.shape[3])
                x = F.conv2d(F.interpolate(x, scale_factor=2), kernel.flip((0, 1)).permute(2, 3, 0, 1), padding=1)
            x = leaky(x + noise[name] * view(P[f"{name}/noise"]) + view(P[f"{name}/bias"]))
            mean = x.mean((2, 3), keepdim=True)
            x = (x - mean) / torch.sqrt(((x - mean) ** 2).mean((2, 3), keepdim=True) + 1e-5)
            w = torch.where(first[:, index : index + 1] > 0.5, w1, w2)
            kernel = P[f"{name}/style/kernel"]
            style = w @ (kernel / math.sqrt(len(kernel))) + P[f"{name}/style/bias"]
            scale, shift = style.chunk(2, 1)
            x = x * (1 + scale)[:, :, None, None] + shift[:, :, None, None]
            index += 1

    def image(x, at):
        name = f"generator/{at}x{at}/image"
        return conv(P, name, x, 1.0) + view(P[f"{name}/bias"])

    images = image(x, side)
    if before is None:
        return images
    return (1 - share) * F.interpolate(image(before, side // 2), scale_factor=2) + share * images


def judge(P, images, side, share, labels, maps, projected):
    if maps:
        images = torch.cat([images, labels.view(BATCH, -1, 1, 1).expand(-1, -1, side, side)], 1)

    def layer(name, x):
        return leaky(conv(P, name, x) + view(P[f"{name}/bias"]))

    x = layer(f"discriminator/{side}x{side}/image", images)
    for at in reversed(sides(side)[1:]):
        name = f"discriminator/{at}x{at}"
        x = layer(f"{name}/first", x)
        kernel = P[f"{name}/second/kernel/3x3"]
        kernel = kernel * math.sqrt(2) / math.sqrt(9 * kernel.shape[2])
        x = F.avg_pool2d(F.conv2d(x, kernel.permute(3, 2, 0, 1), padding=1), 2)
        x = leaky(x + view(P[f"{name}/second/bias"]))
        if at == side and share is not None:
            x = (1 - share) * layer(f"discriminator/{at // 2}x{at // 2}/image", F.avg_pool2d(images, 2)) + share * x
    # All four images of the batch are one group.
    deviation = torch.sqrt(((x - x.mean(0)) ** 2).mean(0) + 1e-8).mean()
    x = layer("discriminator/4x4/first", torch.cat([x, deviation.expand(BATCH, 1, 4, 4)], 1))
    flat = x.permute(0, 2, 3, 1).reshape(BATCH, -1)
    kernel = P["discriminator/4x4/dense/kernel"]
    hidden = leaky(flat @ (kernel * math.sqrt(2 / len(kernel))) + P["discriminator/4x4/dense/bias"])
    kernel = P["discriminator/logit/kernel"]
    logits = (hidden @ (kernel / math.sqrt(len(kernel)))).view(-1) + P["discriminator/logit/bias"]
    if projected:
        logits = logits + (x.sum((2, 3)) * (labels @ P["discriminator/projection/kernel"])).sum(1)
    return logits


def step(objective, *, size=16, scale=0.8, side=None, share=None, r1=0.0, label=None):
    global SIZE
    SIZE, side = size, side or size
    extra = CLASSES if label else 0
    G = make(generator_shapes(LATENT + extra), 0, scale)
    maps, projected = (CLASSES if label == kind else 0 for kind in ("maps", "projection"))
    D = make(discriminator_shapes(maps, projected), 80, scale)
    for tensor in [*G.values(), *D.values()]:
        tensor.requires_grad_()
    real = wave(50, [BATCH, SIZE, SIZE, CHANNELS], 0.8).permute(0, 3, 1, 2)
    while real.shape[2] > side:
        real = F.avg_pool2d(real, 2)
    if share is not None:
        real = share * real + (1 - share) * F.interpolate(F.avg_pool2d(real, 2), scale_factor=2)
    labels = F.one_hot(torch.tensor([0, 2, 1, 2]), CLASSES).double() if label else None
    z, second = wave(51, [BATCH, LATENT], 1.2), wave(54, [BATCH, LATENT], 1.2)
    if label:
        z, second = torch.cat([z, labels], 1), torch.cat([second, labels], 1)
    layers = 2 * int(math.log2(side) - 1)
    first = torch.tensor([[1.0 if i <= k or k == 3 else 0.0 for i in range(layers)] for k in range(BATCH)])
    noise = {}
    for at in sides(side):
        for i, layer in enumerate(("first", "second")):
            p = 200 + 2 * int(math.log2(at)) + i
            noise[f"generator/{at}x{at}/{layer}"] = wave(p, [BATCH, at, at, 1], 1.1).permute(0, 3, 1, 2)
    mix = wave(53, [BATCH, 1, 1, 1], 0.5, 0.5)

    def by(P, images):
        return judge(P, images, side, share, labels, maps, projected)

    fake = generate(G, z, second, first, noise, side, share)
    held = fake.detach()
    lossD = family.d_loss(objective, by(D, real), by(D, held))
    if objective == "wgan-gp":
        between = (real + mix * (held - real)).requires_grad_()
        (slope,) = torch.autograd.grad(by(D, between).sum(), between, create_graph=True)
        lossD = lossD + 10 * ((slope.pow(2).sum((1, 2, 3)).sqrt() - 1) ** 2).mean()
    if r1:
        at = real.clone().requires_grad_()
        (slope,) = torch.autograd.grad(by(D, at).sum(), at, create_graph=True)
        lossD = lossD + r1 / 2 * slope.pow(2).sum((1, 2, 3)).mean()

    def gradients_of(loss, P):
        found = torch.autograd.grad(loss, list(P.values()), allow_unused=True)
        return {name: gradient for name, gradient in zip(P, found) if gradient is not None}

    gradientsD = gradients_of(lossD, D)
    nextD = {name: tensor.detach() for name, tensor in D.items()}
    nextD |= {name: t.detach() for name, t in family.adam(nextD, gradientsD, {}, 1)[0].items()}
    lossG = family.g_loss(objective, by(nextD, fake))
    return {
        "dLoss": lossD.item(),
        "gLoss": lossG.item(),
        "gradients": {n: family.kept(g) for n, g in {**gradientsD, **gradients_of(lossG, G)}.items()},
    }


METHODS = {
    "r1": dict(objective="non-saturating", r1=2.5),
    "at half the size": dict(objective="non-saturating", side=8, r1=2.5),
    "a size fading in": dict(objective="non-saturating", share=0.3, r1=2.5),
    "wgan-gp, labels as maps, fading in": dict(objective="wgan-gp", share=0.6, label="maps"),
    "hinge, labels projected": dict(objective="hinge", label="projection"),
    "256x256, the last size fading in": dict(objective="hinge", size=256, scale=1.5, share=0.3, r1=2.5),
}

if __name__ == "__main__":
    text = json.dumps({name: step(**method) for name, method in METHODS.items()}, indent=1)
    with open("test/fixtures/style.json", "w") as file:
        file.write(text + "\n")
    print(f"{len(text)} bytes")
