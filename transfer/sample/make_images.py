"""Draw the pictures of the sample site: ink-wash landscapes, from nothing but numbers.

    python transfer/sample/make_images.py

writes three JPEG files into site/static/images; the same seed gives the same picture.
"""

import math
import random
from itertools import pairwise
from pathlib import Path

from PIL import Image, ImageChops, ImageDraw, ImageFilter

SIZE = (1600, 1000)  # pixels
HALF = (SIZE[0] // 2, SIZE[1] // 2)  # drawn small and scaled up: ink has no hard edges
FOLDER = Path(__file__).resolve().parent / "site" / "static" / "images"

PAPER = (244, 239, 229)
INK = (34, 40, 49)
DAWN = (214, 138, 98)
JADE = (92, 124, 112)
INDIGO = (58, 74, 112)
SEAL = (178, 52, 43)


def ridge(rng: random.Random, base: float, height: float, roughness: float) -> list[float]:
    """The outline of a mountain range: midpoint displacement, one y for each x, in pixels."""
    points = [base + rng.uniform(-height, height) * 0.3 for _ in range(2)]
    spread = height
    while len(points) < HALF[0]:
        finer = []
        for left, right in pairwise(points):
            finer += [left, (left + right) / 2 + rng.uniform(-spread, spread)]
        points = [*finer, points[-1]]
        spread *= roughness
    return points[: HALF[0]]


def wash(outline: list[float], depth: float, strength: float) -> Image.Image:
    """Ink that is dark along `outline` and runs dry `depth` pixels below it, as a mask."""
    mask = Image.new("L", HALF, 0)
    draw = ImageDraw.Draw(mask)
    for x, y in enumerate(outline):
        for step in range(int(depth)):
            shade = strength * (1 - step / depth) ** 1.6
            draw.point((x, y + step), int(255 * shade))
    return mask.filter(ImageFilter.GaussianBlur(1.2))


def grain(rng: random.Random, amount: int) -> Image.Image:
    """The tooth of the paper."""
    noise = Image.new("L", HALF)
    noise.putdata([rng.randint(0, amount) for _ in range(HALF[0] * HALF[1])])
    return noise.filter(ImageFilter.GaussianBlur(0.8))


def sky(top: tuple, bottom: tuple) -> Image.Image:
    picture = Image.new("RGB", HALF)
    draw = ImageDraw.Draw(picture)
    for y in range(HALF[1]):
        part = (y / HALF[1]) ** 0.8
        colour = tuple(round(a + (b - a) * part) for a, b in zip(top, bottom, strict=True))
        draw.line([(0, y), (HALF[0], y)], fill=colour)
    return picture


def disc(picture: Image.Image, x: float, y: float, radius: float, colour: tuple) -> None:
    """A sun or moon with a soft edge."""
    mask = Image.new("L", HALF, 0)
    ImageDraw.Draw(mask).ellipse((x - radius, y - radius, x + radius, y + radius), fill=225)
    picture.paste(colour, mask=mask.filter(ImageFilter.GaussianBlur(2.5)))


def seal(picture: Image.Image, x: int, y: int) -> None:
    """The red mark of whoever painted it."""
    draw = ImageDraw.Draw(picture)
    draw.rounded_rectangle((x, y, x + 26, y + 26), 4, fill=SEAL)
    for line in ((7, 6, 7, 20), (13, 6, 13, 20), (19, 6, 19, 20), (7, 13, 19, 13)):
        draw.line([(x + line[0], y + line[1]), (x + line[2], y + line[3])], fill=PAPER, width=2)


def mountains(rng: random.Random, picture: Image.Image, colour: tuple, layers: int) -> None:
    """Ranges one before the other; the nearer, the darker and lower."""
    for layer in range(layers):
        nearness = (layer + 1) / layers
        base = HALF[1] * (0.38 + 0.42 * nearness)
        outline = ridge(rng, base, 90 - 45 * nearness, 0.52)
        tint = tuple(round(c + (i - c) * nearness) for c, i in zip(colour, INK, strict=True))
        picture.paste(tint, mask=wash(outline, 190, 0.30 + 0.55 * nearness))


def water(rng: random.Random, picture: Image.Image, from_y: float) -> None:
    """Short strokes that grow longer towards the viewer."""
    mask = Image.new("L", HALF, 0)
    draw = ImageDraw.Draw(mask)
    y = from_y
    while y < HALF[1]:
        near = (y - from_y) / (HALF[1] - from_y)
        for _ in range(int(6 + 8 * near)):
            x, length = rng.uniform(0, HALF[0]), rng.uniform(10, 40 + 90 * near)
            wave = [
                (x + step, y + math.sin(step / 9) * (0.6 + near)) for step in range(int(length))
            ]
            draw.line(wave, fill=rng.randint(35, 110), width=1 + int(near * 2))
        y += 4 + 9 * near
    picture.paste(INDIGO, mask=mask.filter(ImageFilter.GaussianBlur(0.8)))


def bamboo(rng: random.Random, picture: Image.Image) -> None:
    """A few stems and leaves, close by."""
    mask = Image.new("L", HALF, 0)
    draw = ImageDraw.Draw(mask)
    for stem in range(5):
        x, lean = 70 + stem * 46 + rng.uniform(-12, 12), rng.uniform(-0.06, 0.10)
        shade, width = rng.randint(120, 235), rng.randint(5, 9)
        y = HALF[1] + 10.0
        while y > -20:
            joint = rng.uniform(58, 84)
            top = (x + lean * joint, y - joint + 5)
            draw.line([(x, y), top], fill=shade, width=width)
            if rng.random() < 0.75 and y < HALF[1] * 0.85:
                for _ in range(rng.randint(2, 4)):
                    leaf(rng, draw, top, shade)
            x, y = x + lean * joint, y - joint
    picture.paste(INK, mask=mask.filter(ImageFilter.GaussianBlur(0.7)))


def leaf(rng: random.Random, draw: ImageDraw.ImageDraw, root: tuple, shade: int) -> None:
    angle = rng.choice((-1, 1)) * rng.uniform(0.25, 0.9) + math.pi / 2
    length, width = rng.uniform(38, 74), rng.uniform(3.5, 6)
    points = []
    for side in (1, -1):
        steps = range(11) if side == 1 else range(10, -1, -1)
        for step in steps:
            along = step / 10
            bulge = side * width * math.sin(math.pi * along)
            points.append(
                (
                    root[0] + math.cos(angle) * length * along - math.sin(angle) * bulge,
                    root[1] + math.sin(angle) * length * along + math.cos(angle) * bulge,
                )
            )
    draw.polygon(points, fill=shade)


def finish(rng: random.Random, picture: Image.Image, name: str) -> None:
    """Grain, size, file."""
    tooth = grain(rng, 22)
    picture = ImageChops.subtract(picture, Image.merge("RGB", (tooth, tooth, tooth)))
    picture = picture.resize(SIZE, Image.Resampling.BICUBIC)
    FOLDER.mkdir(parents=True, exist_ok=True)
    picture.save(FOLDER / name, quality=80, optimize=True, progressive=True)


def main() -> None:
    rng = random.Random(11)  # noqa: S311 (nothing secret)
    picture = sky((236, 214, 190), PAPER)
    disc(picture, 560, 150, 46, DAWN)
    mountains(rng, picture, (176, 180, 184), 5)
    seal(picture, 742, 442)
    finish(rng, picture, "mountains-at-dawn.jpg")

    rng = random.Random(28)  # noqa: S311 (nothing secret)
    picture = sky((205, 213, 216), PAPER)
    disc(picture, 210, 120, 34, (252, 249, 241))
    mountains(rng, picture, (150, 168, 176), 3)
    picture.paste(sky(PAPER, (206, 214, 218)).crop((0, 330, HALF[0], HALF[1])), (0, 330))
    water(rng, picture, 332)
    seal(picture, 36, 440)
    finish(rng, picture, "moon-over-water.jpg")

    rng = random.Random(5)  # noqa: S311 (nothing secret)
    picture = sky((238, 234, 222), (224, 230, 220))
    mountains(rng, picture, (190, 204, 194), 2)
    picture = Image.blend(picture, Image.new("RGB", HALF, (232, 233, 222)), 0.55)
    bamboo(rng, picture)
    disc(picture, 610, 130, 30, JADE)
    seal(picture, 740, 440)
    finish(rng, picture, "bamboo-in-mist.jpg")


if __name__ == "__main__":
    main()
