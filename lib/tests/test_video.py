"""Real clips, a fraction of a second long, made by ffmpeg itself."""

import shutil
import subprocess

import pytest

from lib import video
from lib.tests import make_images, make_videos

needs_ffmpeg = pytest.mark.skipif(not video.is_available(), reason="ffmpeg is not installed")
MP4, WEBM = video.RECIPES
PLACE = "+40.0000-074.0000"


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    """A phone's film: lying on its side, with a place, and sound."""
    path = tmp_path_factory.mktemp("clip") / "phone.mp4"
    path.write_bytes(make_videos.clip(turned=True, place=True))
    return path


def told(path):
    """All that ffprobe finds in `path`, as text."""
    command = ["ffprobe", "-v", "error", "-show_format", "-show_streams", str(path)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout  # noqa: S603


@needs_ffmpeg
def test_a_clip_is_known_by_its_content(clip):
    facts = video.probe(clip, max_seconds=10)
    assert (facts.container, facts.width, facts.height, facts.has_sound) == ("mov", 48, 64, True)
    assert facts.duration == pytest.approx(0.4, abs=0.1)


@needs_ffmpeg
@pytest.mark.slow
@pytest.mark.parametrize("recipe", video.RECIPES, ids=["mp4", "webm"])
def test_what_comes_out_is_upright_and_says_nothing_of_the_place(clip, tmp_path, recipe):
    assert PLACE in told(clip)
    facts = video.probe(clip, max_seconds=10)
    target = tmp_path / f"out.{recipe.extension}"
    seen = []
    video.convert(clip, target, recipe, facts, max_seconds=10, on_progress=seen.append)
    said = told(target)
    assert PLACE not in said
    assert "rotation" not in said
    made = video.probe(target, max_seconds=10)
    assert (made.width, made.height, made.has_sound) == (48, 64, True)
    assert all(0 <= done <= 1 for done in seen)


@needs_ffmpeg
def test_a_poster_is_made_of_a_clip_shorter_than_a_second(clip, tmp_path):
    target = tmp_path / "poster.jpg"
    video.make_poster(clip, target, video.probe(clip, max_seconds=10))
    assert target.read_bytes()[:3] == b"\xff\xd8\xff"


@needs_ffmpeg
def test_a_film_that_is_too_long_or_cut_off_is_refused(clip, tmp_path):
    with pytest.raises(video.TooLong):
        video.probe(clip, max_seconds=0.1)
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(clip.read_bytes()[:600])
    with pytest.raises(video.Broken):
        video.probe(cut, max_seconds=10)


@needs_ffmpeg
@pytest.mark.slow
def test_a_playlist_is_never_followed(tmp_path):
    """Formats that name other files are how servers were read out."""
    secret = tmp_path / "secret.txt"
    secret.write_text("secret")
    for text in (
        f"#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:0\n#EXTINF:10,\nfile://{secret}\n#EXT-X-ENDLIST\n",
        f"ffconcat version 1.0\nfile '{secret}'\n",
    ):
        path = tmp_path / "list.mp4"
        path.write_text(text)
        with pytest.raises(video.NotAVideo):
            video.probe(path, max_seconds=10)
        # Behind a header that looks right it is read as that format, and is none.
        path.write_bytes(b"\0\0\0\x18ftypisom" + b"\0" * 12 + text.encode())
        with pytest.raises(video.Broken):
            video.probe(path, max_seconds=10)


@needs_ffmpeg
def test_what_ends_the_watching_ends_the_work(clip, tmp_path):
    """A worker that is told to stop leaves no ffmpeg behind."""

    def stop(_done):
        raise KeyboardInterrupt

    facts = video.probe(clip, max_seconds=10)
    with pytest.raises(KeyboardInterrupt):
        video.convert(clip, tmp_path / "x.mp4", MP4, facts, max_seconds=10, on_progress=stop)


def test_pictures_and_pages_are_no_videos(tmp_path):
    for data in (make_images.photo(), b"<html>", b"", b"\0\0\0\x1cftypavif" + b"\0" * 20):
        path = tmp_path / "x"
        path.write_bytes(data)
        with pytest.raises(video.NotAVideo):
            video.probe(path, max_seconds=10)


def test_without_ffmpeg_there_is_a_name_for_it(tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda _program: None)
    assert not video.is_available()
    path = tmp_path / "x.mp4"
    path.write_bytes(b"\0\0\0\x18ftypisom")
    with pytest.raises(video.NoEncoder):
        video.probe(path, max_seconds=10)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ((1280, 720), (1280, 720)),
        ((3840, 2160), (1920, 1080)),
        ((2160, 3840), (1080, 1920)),
        ((1921, 101), (1920, 100)),
        ((1, 1), (2, 2)),
    ],
)
def test_a_video_is_kept_in_full_hd_at_most_and_in_even_numbers(given, kept):
    assert video.kept_size(*given) == kept
