"""What becomes of texts when something they show changes in the library.

Their HTML is stored: it names the files of a video and the words of an image, so it is derived
anew. What a reader sees changes then, not when the library changed; an event tells the caches.
"""

from contextlib import suppress

from django.db import transaction

from blog.models import Page, Post
from blog.services import rebuild
from events.handlers import handles
from events.models import Event
from events.services import record
from library.models import Image, Place, Video

MODELS = {model._meta.model_name: model for model in (Post, Page)}


@handles("image.replaced", name="blog_texts_with_image", atomic=False)
@handles("image.updated", name="blog_texts_with_words_of_image", atomic=False)
def render_image_anew(event: Event) -> None:
    """Its file, and the alternative text where the author gave none."""
    image = Image.objects.filter(pk=event.subject_id).first()
    if image is not None:
        _rebuild(image)


@handles("video.ready", name="blog_texts_with_video", atomic=False)
@handles("video.replaced", name="blog_texts_with_new_file_of_video", atomic=False)
@handles("video.updated", name="blog_texts_with_words_of_video", atomic=False)
def render_video_anew(event: Event) -> None:
    """The files that were made, its words and its captions."""
    video = Video.objects.filter(pk=event.subject_id).first()
    if video is not None:
        _rebuild(video)


def _rebuild(shown: Image | Video) -> None:
    in_texts = shown.uses.filter(kind__in=MODELS, place=Place.TEXT).order_by("kind", "object_id")
    for kind, key in in_texts.values_list("kind", "object_id"):
        model = MODELS[kind]
        # Somebody may have deleted it since we looked.
        with suppress(model.DoesNotExist), transaction.atomic():
            rebuild(model(pk=key))
            record(f"{shown._meta.model_name}.shown_anew", shown)
