"""PyTorch's side of scripts/bench/grouped.ts: times one convolution, or one of its gradients.

Reads lines of JSON on stdin with the convolution, the part and the memory format, and answers `{"milliseconds": …}`, the median.
"""

import json
import statistics
import sys
import time

import torch
from torch.nn import functional as F

settings = json.loads(sys.argv[1])
torch.set_num_threads(settings["threads"])
print(json.dumps({"ready": True, "version": torch.__version__}), flush=True)
for line in sys.stdin:
    asked = json.loads(line)
    form = torch.channels_last if asked["isChannelsLast"] else torch.contiguous_format
    side, kernel, groups = asked["side"], asked["kernel"], asked["groups"]
    x = torch.randn(settings["batch"], asked["from"], side, side).contiguous(memory_format=form)
    filters = torch.randn(asked["to"], asked["from"] // groups, kernel, kernel).contiguous(memory_format=form)
    x.requires_grad_(asked["part"] == "inputGradient")
    filters.requires_grad_(asked["part"] == "filterGradient")
    times = []
    for i in range(settings["runs"] + 2):
        started = time.perf_counter()
        y = F.conv2d(x, filters, padding=kernel // 2, groups=groups)
        if asked["part"] != "forward":
            dy = torch.ones_like(y)
            started = time.perf_counter()
            torch.autograd.grad(y, x if asked["part"] == "inputGradient" else filters, dy)
        if i >= 2:
            times.append(time.perf_counter() - started)
    print(json.dumps({"milliseconds": 1000 * statistics.median(times)}), flush=True)
