"""Makes pictures and what independent programs make of them.

Needs PyTorch and PyPI `pillow`; MOTET_PYTHON names an interpreter that has both. `pictures/` holds small files
of every kind that is read, written by Pillow; `images.safetensors` holds

- `read/<file>`: the pixels Pillow reads, `[H, W, C]`; palettes as RGB or RGBA, 16 bits divided by 257 and
  rounded;
- `grey/<file>`: those of its mode `L`, for files in colour without alpha;
- `resize/<case>/input` and `/output`: PyTorch's `interpolate(mode="bilinear", antialias=True)` in float64, before
  it is rounded to bytes.

Run: scripts/goldens.sh images
"""

import sys
from pathlib import Path

import numpy as np
import PIL
import torch
from PIL import Image, features

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from golden_file import GoldenFile  # noqa: E402

SEED = 5
HERE = Path(__file__).resolve().parent


def smooth(random, height, width, channels):
    """A picture with edges and gradients, so that JPEG has something to lose."""
    rows, columns = np.mgrid[0:height, 0:width]
    planes = []
    for _ in range(channels):
        a, b, c = random.uniform(2, 9, 3)
        plane = 128 + 70 * np.sin(rows / a + c) + 50 * np.cos(columns / b)
        plane[height // 3 : height // 2, width // 4 : width // 2] = random.uniform(0, 255)
        planes.append(plane)
    return np.clip(np.stack(planes, -1), 0, 255).round().astype(np.uint8)


def pixels(image):
    array = np.asarray(image)
    return array[:, :, None] if array.ndim == 2 else array


def main():
    random = np.random.default_rng(SEED)
    versions = [
        f"Pillow {PIL.__version__}",
        f"libjpeg-turbo {features.version('libjpeg_turbo')}",
        f"PyTorch {torch.__version__}",
    ]
    notes = "pixels of pictures/, and changes of size; see generate.py"
    golden = GoldenFile("Tests/Goldens/images/generate.py", SEED, versions, notes)
    folder = HERE / "pictures"
    folder.mkdir(exist_ok=True)

    def keep(name, image, expected=None, **options):
        image.save(folder / name, **options)
        with Image.open(folder / name) as read:
            read = read.convert("RGBA" if "transparency" in read.info else "RGB") if read.mode == "P" else read
            values = pixels(read) if expected is None else expected
            golden.add(f"read/{name}", values)
            if values.shape[-1] == 3:
                golden.add(f"grey/{name}", pixels(read.convert("L")))
            golden.case(f"read/{name}", {"channels": int(values.shape[-1])})

    keep("grey.png", Image.fromarray(smooth(random, 11, 17, 1)[:, :, 0]))
    keep("rgb.png", Image.fromarray(smooth(random, 13, 9, 3)))
    keep("grey_alpha.png", Image.fromarray(smooth(random, 6, 7, 2), "LA"))
    keep("rgb_alpha.png", Image.fromarray(smooth(random, 7, 6, 4)))
    keep("palette.png", Image.fromarray(smooth(random, 12, 10, 3)).quantize(16))
    bits = Image.fromarray((smooth(random, 9, 19, 1)[:, :, 0] > 128).astype(np.uint8) * 255).convert("1")
    keep("one_bit.png", bits, expected=np.asarray(bits.convert("L"))[:, :, None])
    deep = random.integers(0, 65536, (8, 10)).astype(np.uint16)
    eight = np.floor(deep / 257 + 0.5).astype(np.uint8)
    keep("grey16.png", Image.fromarray(deep), expected=eight[:, :, None])
    keep("grey.jpg", Image.fromarray(smooth(random, 21, 19, 1)[:, :, 0]), quality=90)
    keep("rgb.jpg", Image.fromarray(smooth(random, 24, 33, 3)), quality=90, subsampling=0)
    keep("rgb_420.jpg", Image.fromarray(smooth(random, 30, 22, 3)), quality=80, subsampling=2)
    keep("progressive.jpg", Image.fromarray(smooth(random, 40, 28, 3)), quality=85, progressive=True)
    Image.fromarray(smooth(random, 8, 8, 4), "CMYK").save(folder / "cmyk.jpg")

    for name, before, after in [
        ("smaller", (37, 29, 3), (11, 9)),
        ("half", (32, 32, 1), (16, 16)),
        ("larger", (7, 5, 3), (20, 23)),
        ("wider_and_lower", (24, 10, 4), (9, 31)),
        ("a_little", (28, 28, 1), (27, 30)),
        ("one_pixel", (9, 12, 3), (1, 1)),
        ("from_one_pixel", (1, 1, 2), (4, 3)),
    ]:
        image = random.integers(0, 256, before).astype(np.uint8)
        planes = torch.tensor(image, dtype=torch.float64).permute(2, 0, 1)[None]
        output = torch.nn.functional.interpolate(
            planes, size=after, mode="bilinear", antialias=True, align_corners=False
        )
        golden.add(f"resize/{name}/input", image)
        golden.add(f"resize/{name}/output", output[0].permute(1, 2, 0).numpy())
        golden.case(f"resize/{name}", {"height": after[0], "width": after[1]})

    golden.write(HERE / "images.safetensors")


if __name__ == "__main__":
    main()
