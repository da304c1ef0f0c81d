"""What TensorFlow Lite's own interpreter and Pillow say, for test/faces: prints test/fixtures/faces/expected.json.

    pip install ai-edge-litert numpy pillow
    python scripts/make-faces-fixture.py node_modules/@mediapipe/face_detection > test/fixtures/faces/expected.json
"""

import json
import sys

import numpy as np
from ai_edge_litert.interpreter import Interpreter
from PIL import Image


def pattern(width: int, height: int) -> np.ndarray:
    """Bytes by a formula that the tests know too: [height, width, 3]."""
    y, x, c = np.mgrid[:height, :width, :3]
    return ((7 * x + 13 * y + 29 * c + (x * y) % 31) % 256).astype(np.uint8)


def network(folder: str) -> dict:
    """Numbers and logits of every 97th cell for the pattern at the trained size."""
    interpreter = Interpreter(f"{folder}/face_detection_full_range.tflite")
    interpreter.allocate_tensors()
    pixels = pattern(192, 192).astype(np.float32) / np.float32(127.5) - np.float32(1)
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], pixels[None])
    interpreter.invoke()
    numbers, logits = (interpreter.get_tensor(d["index"])[0] for d in interpreter.get_output_details())
    cells = list(range(0, 2304, 97))
    return {
        "cells": cells,
        "numbers": [[round(float(v), 5) for v in numbers[i]] for i in cells],
        "logits": [round(float(logits[i, 0]), 5) for i in cells],
    }


def smooth(width: int, height: int) -> np.ndarray:
    """A picture with soft edges, so that rounding between Pillow's two passes stays small."""
    y, x, c = np.mgrid[:height, :width, :3].astype(np.float64)
    wave = np.sin(x / (5 + c)) * np.cos(y / (7 - c)) + np.sin((x + 2 * y) / 9)
    return np.clip(np.floor(127 + 60 * wave), 0, 255).astype(np.uint8)


def resized() -> dict:
    """Pillow's bicubic resize of boxes well inside a picture."""
    picture = Image.fromarray(smooth(120, 90))
    boxes = [[30, 22, 78, 70], [30.5, 20.25, 86.5, 76.25], [40, 30, 46, 36]]
    return {
        "boxes": boxes,
        "size": 12,
        "pixels": [
            np.asarray(picture.resize((12, 12), Image.Resampling.BICUBIC, box=box)).flatten().tolist()
            for box in boxes
        ],
    }


print(json.dumps({"network": network(sys.argv[1]), "resized": resized()}))
