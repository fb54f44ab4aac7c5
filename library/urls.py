from django.urls import re_path

from library import views

app_name = "library"
urlpatterns = [
    re_path(
        r"^images/(?P<digest>[0-9a-f]{64})/"
        r"(?P<filename>[a-z0-9_-]{1,80}\.(?:avif|webp|jpg|png|gif|svg))\Z",
        views.image_file,
        name="image_file",
    ),
    re_path(
        r"^videos/(?P<digest>[0-9a-f]{64})/"
        r"(?P<filename>[a-z0-9_-]{1,80}\.(?:mp4|webm|jpg|vtt))\Z",
        views.video_file,
        name="video_file",
    ),
]
