"""Trains PyTorch's DCGAN example on images in a raw file, and writes samples: the peer of `bench -- quality` and `bench -- recipes`.

The architecture, initial weights, losses, updates and the way samples are drawn (batches of 64, batch norm by the batch)
are those of pytorch/examples dcgan, at any size that is a power of two. Argument: a JSON object with `data` (uint8, [count,
size, size, channels]), `count`, `size`, `channels`, `width`, `latent`, `batch`, `seed`, `threads`, and `points`: the samples
to write, each with `out` (uint8, [samples, size, size, channels]), `samples`, and the length of training before it, `images`
or `seconds`; seconds spent on samples do not count. Optional: `rate` of Adam, `decay` of averaged weights (EMA), which
generate the samples unless it is 0, and `fastest`, to take the faster memory format of this machine. Needs torch and numpy.
Prints a line of JSON every 15 seconds and after each point.
"""

import copy
import json
import math
import sys
import time

import numpy
import torch
from torch import nn

settings = json.loads(sys.argv[1])
size, channels, width, latent = (settings[key] for key in ("size", "channels", "width", "latent"))
batch, rate, decay = settings["batch"], settings.get("rate", 2e-4), settings.get("decay", 0)
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


class Training:
    """The networks with their optimisers, in one memory format."""

    def __init__(self, memory_format):
        torch.manual_seed(settings["seed"])
        self.memory_format = memory_format
        self.G, self.D = generator(), discriminator()
        for network in (self.G, self.D):
            network.apply(initial)
            network.to(memory_format=memory_format)
        self.average = copy.deepcopy(self.G) if decay > 0 else self.G
        self.loss = nn.BCELoss()
        self.for_D = torch.optim.Adam(self.D.parameters(), lr=rate, betas=(0.5, 0.999))
        self.for_G = torch.optim.Adam(self.G.parameters(), lr=rate, betas=(0.5, 0.999))

    def step(self, batch_pixels):
        G, D, loss = self.G, self.D, self.loss
        real = torch.from_numpy(batch_pixels).permute(0, 3, 1, 2).float() / 127.5 - 1
        real = real.contiguous(memory_format=self.memory_format)
        self.for_D.zero_grad()
        loss(D(real).view(-1), torch.ones(batch)).backward()
        fake = G(torch.randn(batch, latent, 1, 1))
        loss(D(fake.detach()).view(-1), torch.zeros(batch)).backward()
        self.for_D.step()
        self.for_G.zero_grad()
        loss(D(fake).view(-1), torch.ones(batch)).backward()
        self.for_G.step()
        if decay > 0:
            with torch.no_grad():
                torch._foreach_lerp_(list(self.average.parameters()), list(G.parameters()), 1 - decay)

    @torch.no_grad()
    def samples(self, count):
        parts = []
        for _ in range(math.ceil(count / 64)):
            drawn = self.average(torch.randn(64, latent, 1, 1)).permute(0, 2, 3, 1)
            parts.append(((drawn + 1) * 127.5).round().clamp(0, 255).to(torch.uint8).contiguous().numpy())
        return numpy.concatenate(parts)[:count]


def seconds_of(memory_format):
    """The time of six steps of networks that are thrown away, after two to warm up."""
    training = Training(memory_format)
    for step in range(8):
        if step == 2:
            started = time.perf_counter()
        training.step(pixels[:batch])
    return time.perf_counter() - started


pixels = numpy.fromfile(settings["data"], numpy.uint8).reshape(settings["count"], size, size, channels)
layouts = {"nchw": torch.contiguous_format, "channels_last": torch.channels_last}
layout = min(layouts, key=lambda name: seconds_of(layouts[name])) if settings.get("fastest") else "nchw"
training = Training(layouts[layout])
shuffle = torch.Generator().manual_seed(settings["seed"])
order, at, images, seconds, reported = None, 0, 0, 0.0, 0.0


def report(**facts):
    facts.update(images=images, seconds=seconds, layout=layout, version=torch.__version__)
    print(json.dumps(facts), flush=True)


for point in settings["points"]:
    while seconds < point.get("seconds", 0) or images + batch <= point.get("images", 0):
        begun = time.perf_counter()
        if order is None or at + batch > len(order):
            order, at = torch.randperm(len(pixels), generator=shuffle).numpy(), 0
        chosen, at = numpy.sort(order[at : at + batch]), at + batch
        training.step(pixels[chosen])
        images += batch
        seconds += time.perf_counter() - begun
        if seconds - reported > 15:
            reported = seconds
            report(event="progress")
    # Samples leave the random numbers of training alone.
    state = torch.get_rng_state()
    training.samples(point["samples"]).tofile(point["out"])
    torch.set_rng_state(state)
    report(event="point")
