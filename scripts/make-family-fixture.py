"""Makes test/fixtures/family.json: what PyTorch, in float64, computes for one whole training step of each method.

    python3 scripts/make-family-fixture.py    # needs torch

Networks, state and inputs are waves that the tests make too: element i of tensor p is scale * sin(0.7 + 1.3 p + 2.1 i). Of each
gradient its length and its products with two waves are kept. Image tensors are NHWC outside, NCHW within.
"""

import json
import math

import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
BATCH, SIZE, CHANNELS, WIDTH, LATENT, CLASSES = 4, 16, 3, 4, 8, 3
CODES = 5  # a choice of three and two numbers
HIDDEN = 128
RATE, BETA1, BETA2, EPSILON = 0.01, 0.5, 0.999, 1e-8


def wave(p, shape, scale=1.0, offset=0.0):
    i = torch.arange(math.prod(shape))
    return (offset + scale * torch.sin(0.7 + 1.3 * p + 2.1 * i)).reshape(shape)


def generator_shapes(extra):
    return {
        "generator/project/kernel": [LATENT + extra, 128],
        "generator/project/scale": [8],
        "generator/project/offset": [8],
        "generator/block1/kernel": [4, 4, 4, 8],
        "generator/block1/scale": [4],
        "generator/block1/offset": [4],
        "generator/image/kernel": [4, 4, 3, 4],
        "generator/image/bias": [3],
    }


def discriminator_shapes(norm, maps=0, projected=0, codes=0):
    second = ["bias"] if norm == "none" else ["scale", "offset"]
    shapes = {
        "discriminator/block1/kernel": [4, 4, 3 + maps, 4],
        "discriminator/block1/bias": [4],
        "discriminator/block2/kernel": [4, 4, 4, 8],
        **{f"discriminator/block2/{part}": [8] for part in second},
        "discriminator/logit/kernel": [128, 1],
        "discriminator/logit/bias": [1],
    }
    if projected:
        shapes["discriminator/projection/kernel"] = [projected, 8]
    if codes:
        shapes["discriminator/codes/hidden/kernel"] = [128, HIDDEN]
        shapes |= {f"discriminator/codes/hidden/{part}": [HIDDEN] for part in second}
        shapes["discriminator/codes/output/kernel"] = [HIDDEN, codes]
        shapes["discriminator/codes/output/bias"] = [codes]
    return shapes


def make(shapes, first):
    """Parameters as waves; scales around one."""
    return {
        name: wave(first + k, shape, 0.3, 1.0 if name.endswith("/scale") else 0.0)
        for k, (name, shape) in enumerate(shapes.items())
    }


def normalised(x, axes, scale, offset):
    mean = x.mean(axes, keepdim=True)
    variance = ((x - mean) ** 2).mean(axes, keepdim=True)
    view = (1, -1) + (1,) * (x.dim() - 2)
    return (x - mean) / torch.sqrt(variance + 1e-5) * scale.view(view) + offset.view(view)


def by_norm(norm, x, P, layer):
    if norm == "none":
        return x + P[f"{layer}/bias"].view((1, -1) + (1,) * (x.dim() - 2))
    axes = tuple(range(1, x.dim())) if norm == "layer" else tuple(a for a in range(x.dim()) if a != 1)
    return normalised(x, axes, P[f"{layer}/scale"], P[f"{layer}/offset"])


def generate(P, z):
    x = (z @ P["generator/project/kernel"]).view(-1, 4, 4, 8).permute(0, 3, 1, 2)
    x = F.relu(by_norm("batch", x, P, "generator/project"))
    x = F.conv_transpose2d(x, P["generator/block1/kernel"].permute(3, 2, 0, 1), stride=2, padding=1)
    x = F.relu(by_norm("batch", x, P, "generator/block1"))
    x = F.conv_transpose2d(x, P["generator/image/kernel"].permute(3, 2, 0, 1), stride=2, padding=1)
    return torch.tanh(x + P["generator/image/bias"].view(1, -1, 1, 1))


def judge(P, images, m, labels=None, change=None):
    x = images if change is None else change(images)
    if m["maps"]:
        x = torch.cat([x, labels.view(BATCH, -1, 1, 1).expand(-1, -1, SIZE, SIZE)], 1)
    x = F.conv2d(x, P["discriminator/block1/kernel"].permute(3, 2, 0, 1), stride=2, padding=1)
    x = F.leaky_relu(x + P["discriminator/block1/bias"].view(1, -1, 1, 1), 0.2)
    x = F.conv2d(x, P["discriminator/block2/kernel"].permute(3, 2, 0, 1), stride=2, padding=1)
    x = F.leaky_relu(by_norm(m["norm"], x, P, "discriminator/block2"), 0.2)
    flat = x.permute(0, 2, 3, 1).reshape(BATCH, -1)
    logits = (flat @ P["discriminator/logit/kernel"]).view(-1) + P["discriminator/logit/bias"]
    if m["projected"]:
        embedded = labels @ P["discriminator/projection/kernel"]
        logits = logits + (x.sum((2, 3)) * embedded).sum(1)
    answers = None
    if m["codes"]:
        hidden = by_norm(m["norm"], flat @ P["discriminator/codes/hidden/kernel"], P, "discriminator/codes/hidden")
        answers = F.leaky_relu(hidden, 0.2) @ P["discriminator/codes/output/kernel"]
        answers = answers + P["discriminator/codes/output/bias"]
    return logits, answers


def information(answers, codes):
    choice = -(codes[:, :3] * F.log_softmax(answers[:, :3], 1)).sum(1).mean()
    return choice + sum(0.5 * ((codes[:, c] - answers[:, c]) ** 2).mean() for c in (3, 4))


def d_loss(objective, real, fake):
    if objective in ("non-saturating", "minimax"):
        return F.softplus(-real).mean() + F.softplus(fake).mean()
    if objective == "least-squares":
        return 0.5 * ((real - 1) ** 2).mean() + 0.5 * (fake**2).mean()
    if objective == "hinge":
        return F.relu(1 - real).mean() + F.relu(1 + fake).mean()
    return fake.mean() - real.mean()


def g_loss(objective, fake, real=None):
    if objective == "non-saturating":
        return F.softplus(-fake).mean()
    if objective == "minimax":
        return -F.softplus(fake).mean() - (0 if real is None else F.softplus(-real).mean())
    if objective == "least-squares":
        return 0.5 * ((fake - 1) ** 2).mean()
    if objective == "hinge" or real is None:
        return -fake.mean()
    return real.mean() - fake.mean()


def changed(shifts, corner, colour):
    """Brightness, saturation and contrast, a shift of rows and columns, and a square left out, for each image."""

    def change(x):
        brightness, saturation, contrast = [part.view(-1, 1, 1, 1) for part in colour]
        x = x + brightness
        x = (x - x.mean(1, keepdim=True)) * saturation + x.mean(1, keepdim=True)
        x = (x - x.mean((1, 2, 3), keepdim=True)) * contrast + x.mean((1, 2, 3), keepdim=True)
        shifted = []
        for image, (down, across) in zip(x, shifts):
            padded = F.pad(image, (4, 4, 4, 4))
            shifted.append(padded[:, 4 + down : 4 + down + SIZE, 4 + across : 4 + across + SIZE])
        kept = torch.ones(BATCH, 1, SIZE, SIZE)
        for k, (top, left) in enumerate(corner):
            kept[k, :, top : top + 8, left : left + 8] = 0
        return torch.stack(shifted) * kept

    return change


def passes():
    """The random changes of the passes real, fake and generator."""
    return [
        changed(
            [(k - 1 + p, 2 - k) for k in range(BATCH)],
            [(2 * k, 3 + p) for k in range(BATCH)],
            [wave(60 + p, [BATCH], 0.4), wave(63 + p, [BATCH], 0.8, 1.0), wave(66 + p, [BATCH], 0.4, 1.0)],
        )
        for p in range(3)
    ]


def adam(P, gradients, moments, t):
    """One update; moments are (first, second) by name."""
    next_P, next_m = {}, {}
    for name, gradient in gradients.items():
        m, v = moments.get(name, (0.0, 0.0))
        m = BETA1 * m + (1 - BETA1) * gradient
        v = BETA2 * v + (1 - BETA2) * gradient**2
        step = (m / (1 - BETA1**t)) / (torch.sqrt(v / (1 - BETA2**t)) + EPSILON)
        next_P[name], next_m[name] = P[name] - RATE * step, (m, v)
    return next_P, next_m


def step(objective, *, norm="batch", label=None, codes=False, r1=0.0, unroll=0, augment=False):
    m = {
        "norm": norm,
        "maps": CLASSES if label == "maps" else 0,
        "projected": CLASSES if label == "projection" else 0,
        "codes": CODES if codes else 0,
    }
    extra = CLASSES if label else CODES if codes else 0
    G = make(generator_shapes(extra), 0)
    D = make(discriminator_shapes(norm, m["maps"], m["projected"], m["codes"]), 20)
    for tensor in [*G.values(), *D.values()]:
        tensor.requires_grad_()
    real = wave(50, [BATCH, SIZE, SIZE, CHANNELS], 0.8).permute(0, 3, 1, 2)
    z = wave(51, [BATCH, LATENT], 1.2)
    labels = F.one_hot(torch.tensor([0, 2, 1, 2]), CLASSES).double() if label else None
    drawn = None
    if codes:
        choice = F.one_hot(torch.tensor([1, 0, 2, 1]), 3).double()
        drawn = torch.cat([choice, wave(52, [BATCH, 2], 0.9)], 1)
    mix = wave(53, [BATCH, 1, 1, 1], 0.5, 0.5)
    change = passes() if augment else [None] * 3
    given = labels if label else drawn

    def loss_of_d(P, fake):
        ofReal, _ = judge(P, real, m, labels, change[0])
        ofFake, answers = judge(P, fake, m, labels, change[1])
        loss = d_loss(objective, ofReal, ofFake)
        if codes:
            loss = loss + information(answers, drawn)
        if objective == "wgan-gp":
            between = (real + mix * (fake.detach() - real)).requires_grad_()
            (slope,) = torch.autograd.grad(judge(P, between, m, labels, change[0])[0].sum(), between, create_graph=True)
            loss = loss + 10 * ((slope.pow(2).sum((1, 2, 3)).sqrt() - 1) ** 2).mean()
        if r1:
            at = real.clone().requires_grad_()
            (slope,) = torch.autograd.grad(judge(P, at, m, labels, change[0])[0].sum(), at, create_graph=True)
            loss = loss + r1 / 2 * slope.pow(2).sum((1, 2, 3)).mean()
        return loss

    def update(P, moments, t, fake, create_graph=False):
        loss = loss_of_d(P, fake)
        gradients = torch.autograd.grad(loss, list(P.values()), create_graph=create_graph)
        named = dict(zip(P, gradients))
        return loss, named, *adam(P, named, moments, t)

    fake = generate(G, z if given is None else torch.cat([z, given], 1))
    lossD, gradientsD, nextD, moments = update(D, {}, 1, fake.detach())
    ahead = {name: tensor.detach().requires_grad_() for name, tensor in nextD.items()}
    held = {name: (a.detach(), b.detach()) for name, (a, b) in moments.items()}
    for k in range(unroll):
        _, _, ahead, held = update(ahead, held, 2 + k, fake, create_graph=True)
    logits, answers = judge(ahead, fake, m, labels, change[2])
    onReal = judge(ahead, real, m, labels, change[0])[0] if unroll else None
    lossG = g_loss(objective, logits, onReal)
    if codes:
        lossG = lossG + information(answers, drawn)
    gradientsG = dict(zip(G, torch.autograd.grad(lossG, list(G.values()))))
    return {
        "dLoss": lossD.item(),
        "gLoss": lossG.item(),
        "gradients": {name: kept(gradient) for name, gradient in {**gradientsD, **gradientsG}.items()},
    }


def kept(gradient):
    flat = gradient.detach().reshape(-1)
    return [flat.norm().item(), *[(flat * wave(p, [len(flat)])).sum().item() for p in (70, 71)]]


METHODS = {
    "non-saturating": dict(objective="non-saturating"),
    "minimax": dict(objective="minimax"),
    "least-squares, changed images": dict(objective="least-squares", augment=True),
    "hinge, labels projected, layer norm": dict(objective="hinge", norm="layer", label="projection"),
    "wgan": dict(objective="wgan"),
    "wgan-gp, labels as maps": dict(objective="wgan-gp", norm="layer", label="maps"),
    "r1, no norm": dict(objective="non-saturating", norm="none", r1=2.5),
    "r1, layer norm, changed images": dict(objective="hinge", norm="layer", r1=2.5, augment=True),
    "unrolled by 2": dict(objective="non-saturating", unroll=2),
    "minimax unrolled by 1": dict(objective="minimax", unroll=1),
    "codes": dict(objective="non-saturating", codes=True),
}

if __name__ == "__main__":
    result = {name: step(**method) for name, method in METHODS.items()}
    text = json.dumps(result, indent=1)
    with open("test/fixtures/family.json", "w") as file:
        file.write(text + "\n")
    print(f"{len(text)} bytes")
