#!/usr/bin/env python3
"""Makes test/fixtures/restoring.json: what restoring pictures is checked against, by PyTorch, SciPy and scikit-image.

Run from the checkout's root, with PyTorch 2.8, SciPy 1.17 and scikit-image 0.26 (any later ones should do):

    python3 -m venv /tmp/python && /tmp/python/bin/pip install torch==2.8.0 scipy scikit-image
    /tmp/python/bin/python scripts/make-restoring-fixture.py

All inputs are waves that the test makes for itself: element i of tensor number p is scale * sin(0.7 + 1.3 p + 2.1 i).
Images are NHWC, a convolution's filter HWIO, a transposed one's HWOI, as in tfjs.
"""

import json
from pathlib import Path

import numpy as np
import scipy.sparse
import scipy.sparse.linalg
import torch
import torch.nn.functional as F
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

torch.set_default_dtype(torch.float64)


def wave(number, shape, scale):
    i = np.arange(int(np.prod(shape)))
    return (scale * np.sin(0.7 + 1.3 * number + 2.1 * i)).reshape(shape)


def numbers(array):
    return [float(f"{value:.7g}") for value in np.asarray(array).ravel()]


# A generator and a discriminator of 16 x 16 pixels, batch norm folded away: width 4, kernel 4, latent 8, dense heads.
SHAPES = {
    "generator/project/kernel": (8, 128),
    "generator/project/bias": (8,),
    "generator/block1/kernel": (4, 4, 4, 8),
    "generator/block1/bias": (4,),
    "generator/image/kernel": (4, 4, 3, 4),
    "generator/image/bias": (3,),
    "discriminator/block1/kernel": (4, 4, 3, 4),
    "discriminator/block1/bias": (4,),
    "discriminator/block2/kernel": (4, 4, 4, 8),
    "discriminator/block2/bias": (8,),
    "discriminator/logit/kernel": (128, 1),
    "discriminator/logit/bias": (1,),
}
P = {name: torch.tensor(wave(p, shape, 0.3)) for p, (name, shape) in enumerate(SHAPES.items())}
COUNT = 2
TERMS = {"colour": 0.7, "luminance": 0.4, "realism": 0.05, "typical": 0.3}
TARGET = torch.tensor(wave(20, (COUNT, 16, 16, 3), 0.8))
WEIGHTS = torch.tensor(0.5 + wave(21, (COUNT, 16, 16, 1), 0.5))
START = wave(22, (COUNT, 8), 1.2)


def up(x, name):
    kernel = P[f"{name}/kernel"].permute(3, 2, 0, 1)
    return F.conv_transpose2d(x, kernel, P[f"{name}/bias"], stride=2, padding=1)


def down(x, name):
    kernel = P[f"{name}/kernel"].permute(3, 2, 0, 1)
    return F.leaky_relu(F.conv2d(x, kernel, P[f"{name}/bias"], stride=2, padding=1), 0.2)


def generate(z):
    x = (z @ P["generator/project/kernel"]).reshape(-1, 4, 4, 8) + P["generator/project/bias"]
    x = F.relu(up(F.relu(x).permute(0, 3, 1, 2), "generator/block1"))
    return torch.tanh(up(x, "generator/image")).permute(0, 2, 3, 1)


def judge(images):
    x = down(down(images.permute(0, 3, 1, 2), "discriminator/block1"), "discriminator/block2")
    flat = x.permute(0, 2, 3, 1).reshape(-1, 128)
    return (flat @ P["discriminator/logit/kernel"] + P["discriminator/logit/bias"]).reshape(-1)


def losses(z, distribution):
    images = generate(z)
    difference = images - TARGET

    def weighted(d):
        robust = torch.sqrt(d**2 + 0.05**2) - 0.05
        return (robust.mean(3, keepdim=True) * WEIGHTS).sum((1, 2, 3)) / WEIGHTS.sum((1, 2, 3))

    luminance = (difference * torch.tensor([0.299, 0.587, 0.114])).sum(3, keepdim=True)
    loss = TERMS["colour"] * weighted(difference) + TERMS["luminance"] * weighted(luminance)
    loss = loss + TERMS["realism"] * F.softplus(-judge(images))
    if distribution == "normal":
        loss = loss + TERMS["typical"] * (torch.sqrt((z**2).mean(1) + 1e-6) - 1) ** 2
    return images, loss


def steps(distribution):
    z = torch.tensor(START, requires_grad=True)
    optimiser = torch.optim.Adam([z], lr=0.1, betas=(0.9, 0.999))
    images, loss = losses(z, distribution)
    first = loss.detach()
    (gradient,) = torch.autograd.grad(loss.sum(), z)
    for _ in range(3):
        optimiser.zero_grad()
        losses(z, distribution)[1].sum().backward()
        optimiser.step()
        if distribution == "uniform":
            with torch.no_grad():
                z.clamp_(-1, 1)
    return {
        "images": numbers(images.detach()),
        "loss": numbers(first),
        "gradient": numbers(gradient),
        "afterThree": numbers(z.detach()),
    }


def poisson():
    """The hole's pixels from the drawn picture's gradients, as one sparse system for each channel."""
    side, channels = 9, 3
    known, drawn = wave(30, (side, side, channels), 0.4), wave(31, (side, side, channels), 0.3)
    mask = wave(32, (side, side), 1) > -0.2
    mask[3:7, 2:8] = True
    mask[0, 0] = mask[8, 5] = False
    place = {tuple(at): i for i, at in enumerate(np.argwhere(mask))}
    matrix = scipy.sparse.lil_matrix((len(place), len(place)))
    right = np.zeros((len(place), channels))
    for (y, x), i in place.items():
        for v, u in ((y - 1, x), (y + 1, x), (y, x - 1), (y, x + 1)):
            if not (0 <= v < side and 0 <= u < side):
                continue
            matrix[i, i] += 1
            right[i] += drawn[y, x] - drawn[v, u]
            if (v, u) in place:
                matrix[i, place[v, u]] -= 1
            else:
                right[i] += known[v, u]
    blended = known.copy()
    for c in range(channels):
        blended[mask, c] = scipy.sparse.linalg.spsolve(matrix.tocsr(), right[:, c])
    assert np.abs(blended).max() < 1
    return {"side": side, "mask": mask.astype(int).ravel().tolist(), "blended": numbers(blended)}


def similarity():
    """Of 20 x 20 pixels: the second picture is the first, smoothed by half and moved."""
    result = {}
    for channels in (1, 3):
        original = wave(40, (20, 20, channels), 0.7)
        picture = 0.6 * original + wave(41, (20, 20, channels), 0.2)
        grey = [x @ np.array([0.299, 0.587, 0.114]) if channels == 3 else x[..., 0] for x in (picture, original)]
        _, similar = structural_similarity(
            *grey, data_range=2, gaussian_weights=True, sigma=1.5, use_sample_covariance=False, full=True
        )
        result[str(channels)] = {
            "ssim": numbers(similar),
            "psnr": float(peak_signal_noise_ratio(original, picture, data_range=2)),
        }
    return result


fixture = {
    "normal": steps("normal"),
    "uniform": steps("uniform"),
    "poisson": poisson(),
    "similarity": similarity(),
}
path = Path("test/fixtures/restoring.json")
path.write_text(json.dumps(fixture, separators=(",", ":")) + "\n")
print(f"{path}: {path.stat().st_size} bytes")
