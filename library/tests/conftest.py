import pytest

from lib.tests import make_images as make
from library.services import store_image


@pytest.fixture
def make_image(db):
    """`make_image(data=..., name=..., **fields)`: a stored photograph, renditions not made."""

    def build(data=None, name="Old Bridge.JPG", **fields):
        return store_image(data or make.photo(), name, **fields)

    return build
