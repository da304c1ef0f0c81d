"""Reads a folder's photographs with Pillow in two processes, as training images. Prints the seconds, and those of the processors, as JSON.

pillow_reading.py FOLDER SIZE [--draft]     --draft lets the JPEG decoder shrink, which is faster and gives other pixels
"""
import json
import os
import resource
import sys
import time
from multiprocessing import Pool

from PIL import Image


def cut(job):
    path, size, is_draft = job
    image = Image.open(path)
    if is_draft:
        image.draft("RGB", (2 * size, 2 * size))
    image = image.convert("RGB")
    side = min(image.size)
    left, top = (image.width - side) // 2, (image.height - side) // 2
    return image.crop((left, top, left + side, top + side)).resize((size, size), Image.Resampling.BICUBIC).tobytes()


def processor():
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


if __name__ == "__main__":
    folder, size = sys.argv[1], int(sys.argv[2])
    jobs = [(os.path.join(folder, name), size, "--draft" in sys.argv) for name in sorted(os.listdir(folder))]
    began, used = time.perf_counter(), processor()
    with Pool(2) as pool:
        read = sum(len(pixels) for pixels in pool.imap(cut, jobs))
        pool.close()
        pool.join()
    assert read == len(jobs) * size * size * 3
    print(json.dumps({"seconds": time.perf_counter() - began, "processor": processor() - used}))
