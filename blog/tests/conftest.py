import pytest

from lib.tests import make_images
from library.services import store_image


@pytest.fixture
def make_image(db):
    """`make_image(**fields)`: a stored photograph, renditions not made."""
    return lambda **fields: store_image(make_images.photo(), "Old Bridge.JPG", **fields)
