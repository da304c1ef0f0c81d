"""Trains PyTorch's DCGAN example on images in a raw file, and writes samples: the peer of `npm run bench -- quality`.

The architecture, initial weights, losses, updates and the way samples are drawn (batches of 64, batch norm by the batch)
are those of pytorch/examples dcgan, at any size that is a power of two. Argument: a JSON object with `data` (uint8, [count,
size, size, channels]), `count`, `size`, `channels`, `width`, `latent`, `images`, `batch`, `seed`, `threads`, `samples` and
`out` (uint8, [samples, size, size, channels]). Needs torch and numpy. Prints a line of JSON every 15 seconds and at the end.
"""

import json
import math
import sys
import time

import numpy
import torch
from torch import nn

settings = json.loads(sys.argv[1])
size, channels, width, latent = (settings[key] for key in ("size", "channels", "width", "latent"))
batch, images = settings["batch"], settings["images"]
torch.manual_seed(settings["seed"])
torch.set_num_threads(settings["threads"])
stages = int(math.log2(size)) - 3


def generator():
    top = width * 2**stages
    layers = [nn.ConvTranspose2d(latent, top, 4, 1, 0, bias=False), nn.BatchNorm2d(top), nn.ReLU(True)]
    for _ in range(stages):
        layers += [nn.ConvTranspose2d(top, top // 2, 4, 2, 1, bias=False), nn.BatchNorm2d(top // 2), nn.ReLU(True)]
        top //= 2
    return nn.Sequential(*layers, nn.ConvTranspose2d(top, channels, 4, 2, 1, bias=False), nn.Tanh())


def discriminator():
    layers, top = [nn.Conv2d(channels, width, 4, 2, 1, bias=False), nn.LeakyReLU(0.2, True)], width
    for _ in range(stages):
        layers += [nn.Conv2d(top, top * 2, 4, 2, 1, bias=False), nn.BatchNorm2d(top * 2), nn.LeakyReLU(0.2, True)]
        top *= 2
    return nn.Sequential(*layers, nn.Conv2d(top, 1, 4, 1, 0, bias=False), nn.Sigmoid())


def initial(module):
    name = module.__class__.__name__
    if "Conv" in name:
        nn.init.normal_(module.weight, 0.0, 0.02)
    elif "BatchNorm" in name:
        nn.init.normal_(module.weight, 1.0, 0.02)
        nn.init.zeros_(module.bias)


pixels = numpy.fromfile(settings["data"], numpy.uint8).reshape(settings["count"], size, size, channels)
G, D = generator(), discriminator()
G.apply(initial)
D.apply(initial)
loss = nn.BCELoss()
for_D = torch.optim.Adam(D.parameters(), lr=2e-4, betas=(0.5, 0.999))
for_G = torch.optim.Adam(G.parameters(), lr=2e-4, betas=(0.5, 0.999))
shuffle = torch.Generator().manual_seed(settings["seed"])
order, at, started, reported = None, 0, time.time(), time.time()
for step in range(images // batch):
    if order is None or at + batch > len(order):
        order, at = torch.randperm(len(pixels), generator=shuffle).numpy(), 0
    chosen, at = numpy.sort(order[at : at + batch]), at + batch
    real = torch.from_numpy(pixels[chosen]).permute(0, 3, 1, 2).float() / 127.5 - 1
    for_D.zero_grad()
    loss(D(real).view(-1), torch.ones(batch)).backward()
    fake = G(torch.randn(batch, latent, 1, 1))
    loss(D(fake.detach()).view(-1), torch.zeros(batch)).backward()
    for_D.step()
    for_G.zero_grad()
    loss(D(fake).view(-1), torch.ones(batch)).backward()
    for_G.step()
    if time.time() - reported > 15:
        reported = time.time()
        print(json.dumps({"images": (step + 1) * batch, "seconds": reported - started}), flush=True)
seconds = time.time() - started
parts = []
with torch.no_grad():
    for _ in range(math.ceil(settings["samples"] / 64)):
        drawn = G(torch.randn(64, latent, 1, 1)).permute(0, 2, 3, 1)
        parts.append(((drawn + 1) * 127.5).round().clamp(0, 255).to(torch.uint8).numpy())
numpy.concatenate(parts)[: settings["samples"]].tofile(settings["out"])
print(json.dumps({"done": True, "seconds": seconds, "version": torch.__version__}), flush=True)
