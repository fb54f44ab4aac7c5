"""Big pictures are cleaned in another process; what comes of it is the same."""

import pytest
from PIL import Image

from lib import images, images_apart
from lib.image_errors import Damaged, TooManyPixels
from lib.tests import make_images as make


@pytest.fixture
def everything_is_big(monkeypatch):
    monkeypatch.setattr(images_apart, "MAX_PIXELS_HERE", 0)


@pytest.fixture
def nobody_is_asked(monkeypatch):
    def refuse(*args, **kwargs):
        raise AssertionError("no other process was needed")

    monkeypatch.setattr(images_apart.subprocess, "run", refuse)


def test_a_big_picture_comes_back_as_from_here(everything_is_big):
    data = make.encoded(Image.effect_noise((60, 40), 80).convert("RGBA"), "PNG")
    assert images_apart.clean(data, "ink.png") == images.clean(data, "ink.png")


def test_its_refusals_come_back_too(everything_is_big):
    data = make.encoded(Image.effect_noise((60, 40), 80), "PNG")
    with pytest.raises(Damaged):
        images_apart.clean(data[: len(data) // 2], "ink.png")


def test_small_ones_and_those_that_take_little_memory_stay_here(nobody_is_asked, monkeypatch):
    images_apart.clean(make.encoded(Image.new("RGB", (60, 40)), "PNG"))
    monkeypatch.setattr(images_apart, "MAX_PIXELS_HERE", 0)
    images_apart.clean(make.jpeg())
    images_apart.clean(make.animation("GIF"))


@pytest.mark.parametrize(
    ("program", "refusal"),
    [
        ("import os; os.kill(os.getpid(), 9)", Damaged),
        ("raise MemoryError", Damaged),
        ("bytearray(10 ** 10)", Damaged),  # its limit holds
        ("import time; time.sleep(600)", TooManyPixels),
    ],
)
def test_what_does_not_survive_a_picture_is_not_the_web_server(
    everything_is_big, monkeypatch, program, refusal
):
    monkeypatch.setattr(images_apart, "_CODE", program)
    if refusal is TooManyPixels:
        monkeypatch.setattr(images_apart, "SECONDS", 0.2)
    with pytest.raises(refusal):
        images_apart.clean(make.encoded(Image.new("RGB", (60, 40)), "PNG"))


def test_the_other_process_is_told_no_secret(everything_is_big, monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "hunter2" * 10)
    told = (
        "import os, sys, json; print(json.dumps({'error': 'Damaged', 'reason': str(os.environ)}))"
    )
    monkeypatch.setattr(images_apart, "_CODE", told)
    with pytest.raises(Damaged) as refused:
        images_apart.clean(make.encoded(Image.new("RGB", (60, 40)), "PNG"))
    assert "hunter2" not in str(refused.value)
