"""PyTorch's side of the bench: times the training step of the network in scripts/bench/settings.ts.

Reads lines of JSON on stdin, `{"steps": 5}`, runs that many steps and answers `{"seconds": …}` for each line.
The architecture and the updates are those of pytorch/examples dcgan with a width of 64 and a kernel of 4, and the
loss on logits; with the setting `network` "modern" they are R3GAN's (pytorch_modern.py). Needs torch >= 2.5 and nothing
else. The settings `device` ("cuda"), `compiled`, `tf32` and `isChannelsLast` are optional; without `tf32` products are in
float32.
"""

import json
import resource
import sys
import time

import pytorch_modern
import torch
from torch import nn
from torch.nn import functional as F


def generator(latent, width, channels):
    layers, top = [nn.ConvTranspose2d(latent, width * 8, 4, 1, 0, bias=False)], width * 8
    for out in (width * 4, width * 2, width):
        layers += [nn.BatchNorm2d(top), nn.ReLU(True), nn.ConvTranspose2d(top, out, 4, 2, 1, bias=False)]
        top = out
    layers += [nn.BatchNorm2d(top), nn.ReLU(True), nn.ConvTranspose2d(top, channels, 4, 2, 1), nn.Tanh()]
    return nn.Sequential(*layers)


def discriminator(width, channels):
    layers, top = [nn.Conv2d(channels, width, 4, 2, 1), nn.LeakyReLU(0.2, True)], width
    for out in (width * 2, width * 4, width * 8):
        layers += [nn.Conv2d(top, out, 4, 2, 1, bias=False), nn.BatchNorm2d(out), nn.LeakyReLU(0.2, True)]
        top = out
    return nn.Sequential(*layers, nn.Conv2d(top, 1, 4, 1, 0), nn.Flatten(0))


def main():
    settings = json.loads(sys.argv[1])
    torch.set_num_threads(settings["threads"])
    torch.manual_seed(0)
    device, tf32 = settings.get("device", "cpu"), settings.get("tf32", False)
    torch.set_default_device(device)
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = tf32
    wait = torch.cuda.synchronize if device == "cuda" else lambda: None
    batch, latent, width = settings["batch"], settings["latent"], settings["width"]
    is_modern = settings.get("network") == "modern"
    if is_modern:
        G, D = pytorch_modern.make(latent, width, 3, 64)
    else:
        G, D = generator(latent, width, 3), discriminator(width, 3)
        for network in (G, D):
            for name, parameter in network.named_parameters():
                if parameter.dim() > 1:
                    nn.init.normal_(parameter, 0, 0.02)
    real = torch.rand(batch, 3, 64, 64) * 2 - 1
    if settings.get("isChannelsLast", False):
        G, D = (network.to(memory_format=torch.channels_last) for network in (G, D))
        real = real.contiguous(memory_format=torch.channels_last)
    betas = (0.0, 0.99) if is_modern else (0.5, 0.999)
    for_G = torch.optim.Adam(G.parameters(), lr=2e-4, betas=betas)
    for_D = torch.optim.Adam(D.parameters(), lr=2e-4, betas=betas)

    def step():
        z = torch.randn(batch, latent, 1, 1)
        fake = G(z)
        for_D.zero_grad()
        (F.softplus(-D(real)).mean() + F.softplus(D(fake.detach())).mean()).backward()
        for_D.step()
        for_G.zero_grad()
        F.softplus(-D(fake)).mean().backward()
        for_G.step()

    if settings.get("compiled", False):
        G, D = torch.compile(G), torch.compile(D)
    if is_modern:
        step = pytorch_modern.make_step(G, D, for_G, for_D, real, latent)
    for _ in range(4 if is_modern else 2):
        step()
    wait()
    parameters = sum(tensor.numel() for network in (G, D) for tensor in network.parameters())
    print(json.dumps({"ready": True, "version": torch.__version__, "parameters": parameters}), flush=True)
    for line in sys.stdin:
        started = time.perf_counter()
        for _ in range(json.loads(line)["steps"]):
            step()
        wait()
        seconds = time.perf_counter() - started
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        print(json.dumps({"seconds": seconds, "memory": memory}), flush=True)


main()
