"""R3GAN's networks and step for scripts/bench/pytorch_step.py, with as many parameters as those of trainer/networks/modern-*.ts."""

import torch
from torch import nn
from torch.nn import functional as F

BASE, WIDEST, LEAK = 4, 512, 0.2


class Block(nn.Module):
    def __init__(self, channels):
        super().__init__()
        inner = min(channels, max(16, channels // 2))
        self.first = nn.Conv2d(channels, inner, 1)
        self.second = nn.Conv2d(inner, inner, 3, padding=1)
        self.third = nn.Conv2d(inner, channels, 1, bias=False)

    def forward(self, x):
        y = F.leaky_relu(self.second(F.leaky_relu(self.first(x), LEAK)), LEAK)
        return x + self.third(y)


class Resample(nn.Module):
    """Bilinear doubling or halving by depthwise convolutions, and a 1x1 convolution where the width changes."""

    def __init__(self, channels, to, is_up):
        super().__init__()
        self.is_up = is_up
        self.convolution = nn.Conv2d(channels, to, 1, bias=False) if channels != to else nn.Identity()
        taps = torch.tensor([1.0, 3.0, 3.0, 1.0])
        width = to if is_up else channels
        filters = (torch.outer(taps, taps) / (16 if is_up else 64)).expand(width, 1, 4, 4).contiguous()
        self.register_buffer("filters", filters)

    def forward(self, x):
        if self.is_up:
            x = self.convolution(x)
            return F.conv_transpose2d(x, self.filters, stride=2, padding=1, groups=x.shape[1])
        return self.convolution(F.conv2d(x, self.filters, stride=2, padding=1, groups=x.shape[1]))


class Generator(nn.Module):
    def __init__(self, latent, widths, channels):
        super().__init__()
        self.constant = nn.Parameter(torch.randn(1, widths[0], BASE, BASE))
        self.linear = nn.Linear(latent, widths[0], bias=False)
        layers = [Block(widths[0])]
        for before, width in zip(widths, widths[1:]):
            layers += [Resample(before, width, True), Block(width)]
        self.layers = nn.Sequential(*layers, nn.Conv2d(widths[-1], channels, 1, bias=False))

    def forward(self, z):
        return self.layers(self.constant * self.linear(z.flatten(1))[:, :, None, None])


class Discriminator(nn.Module):
    def __init__(self, widths, channels):
        super().__init__()
        layers = [nn.Conv2d(channels, widths[-1], 1, bias=False)]
        for width, after in zip(widths[::-1], widths[-2::-1]):
            layers += [Block(width), Resample(width, after, False)]
        self.layers = nn.Sequential(*layers, Block(widths[0]))
        self.constant = nn.Parameter(torch.randn(1, widths[0], BASE, BASE) / BASE)
        self.linear = nn.Linear(widths[0], 1, bias=False)

    def forward(self, x):
        return self.linear((self.layers(x) * self.constant).sum((2, 3))).flatten()


def make(latent, width, channels, size):
    """G and D for images of `size` pixels a side."""
    count = (size // BASE).bit_length()
    widths = [min(WIDEST, width * 2 ** (count - 1 - i)) for i in range(count)]
    return Generator(latent, widths, channels), Discriminator(widths, channels)


def make_step(G, D, for_G, for_D, real, latent, every=4, weight=0.5):
    """A step with relativistic pairing; R1 and R2 in every `every`-th."""
    done = 0

    def penalty(images):
        at = images.detach().requires_grad_()
        (slope,) = torch.autograd.grad(D(at).sum(), at, create_graph=True)
        return every * weight / 2 * slope.square().sum((1, 2, 3)).mean()

    def step():
        nonlocal done
        done += 1
        fake = G(torch.randn(len(real), latent))
        held = fake.detach()
        loss = F.softplus(D(held) - D(real)).mean()
        if done % every == 0:
            loss = loss + penalty(real) + penalty(held)
        for_D.zero_grad()
        loss.backward()
        for_D.step()
        for_G.zero_grad()
        with torch.no_grad():
            of_real = D(real)
        F.softplus(of_real - D(fake)).mean().backward()
        for_G.step()

    return step
