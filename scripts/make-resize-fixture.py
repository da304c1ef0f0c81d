"""Writes test/fixtures/pillow-resize.json: what Pillow makes of some pictures, cropped to their centre and resized.

python3 -m venv venv && venv/bin/pip install pillow && venv/bin/python scripts/make-resize-fixture.py
"""
import base64
import json
import random

import PIL
from PIL import Image

random.seed(3)
cases = []
for width, height, mode, size in [
    (28, 28, "L", 32), (28, 28, "L", 64), (9, 7, "L", 4), (64, 48, "RGB", 24), (33, 40, "RGB", 32), (5, 5, "RGB", 16),
]:
    channels = 1 if mode == "L" else 3
    # Smooth in places and noisy in others, with full black and white: overshoot must be cut.
    pixels = bytes(
        random.choice([0, 255]) if y < height // 3 else (x * 37 + y * 11 + c * 60 + random.randrange(20)) % 256
        for y in range(height) for x in range(width) for c in range(channels)
    )
    side = min(width, height)
    left, top = (width - side) // 2, (height - side) // 2
    image = Image.frombytes(mode, (width, height), pixels).crop((left, top, left + side, top + side))
    resized = image.resize((size, size), Image.Resampling.BICUBIC)
    cases.append({
        "width": width, "height": height, "channels": channels, "size": size,
        "pixels": base64.b64encode(pixels).decode(), "resized": base64.b64encode(resized.tobytes()).decode(),
    })
colours = bytes(random.randrange(256) for _ in range(300))
grey = Image.frombytes("RGB", (100, 1), colours).convert("L").tobytes()
with open("test/fixtures/pillow-resize.json", "w") as file:
    json.dump({
        "made": f"Pillow {PIL.__version__}", "cases": cases,
        "grey": {"pixels": base64.b64encode(colours).decode(), "grey": base64.b64encode(grey).decode()},
    }, file)
