"""Reads a folder's photographs with Pillow in two processes, as training images. Prints the seconds as JSON.

pillow_reading.py FOLDER SIZE
"""
import json
import os
import sys
import time
from multiprocessing import Pool

from PIL import Image


def cut(job):
    path, size = job
    image = Image.open(path).convert("RGB")
    side = min(image.size)
    left, top = (image.width - side) // 2, (image.height - side) // 2
    return image.crop((left, top, left + side, top + side)).resize((size, size), Image.Resampling.BICUBIC).tobytes()


if __name__ == "__main__":
    folder, size = sys.argv[1], int(sys.argv[2])
    jobs = [(os.path.join(folder, name), size) for name in sorted(os.listdir(folder))]
    began = time.perf_counter()
    with Pool(2) as pool:
        read = sum(len(pixels) for pixels in pool.imap(cut, jobs))
    assert read == len(jobs) * size * size * 3
    print(json.dumps({"seconds": time.perf_counter() - began}))
