"""What the clock starts for the blog."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from blog import autosaves, cards, trash
from blog.presence import forget_the_gone
from blog.search.index import index_missing
from blog.search.suggest import drop_old_misses, refresh_words
from blog.working import publish_due
from events import cleaning, schedule

POSTS_PER_RUN = 2_000  # some 5 ms each
TRASHED_PER_RUN = 500  # some 20 ms each


def register_jobs() -> None:
    """Called when all apps are there."""
    schedule.register("search_index", _("Search index"), schedule.every(300), _index_missing)
    schedule.register("search_words", _("Words for search"), schedule.every(3_600), _refresh_words)
    schedule.register(
        "old_cards", _("Old pictures for sharing"), schedule.daily_at(4, 40), cards.drop_old
    )
    schedule.register("trash", _("Emptying the bin"), schedule.every(3_600), _empty_trash)
    schedule.register("changes_due", _("Scheduled changes"), schedule.every(60), _publish_changes)
    cleaning.register("search_misses", drop_old_misses)
    cleaning.register("autosaves", autosaves.drop_old)
    cleaning.register("presence", forget_the_gone)


def _index_missing(slot: datetime) -> None:
    index_missing(POSTS_PER_RUN)


def _publish_changes(slot: datetime) -> None:
    """For what nobody reads: webhooks and feeds hear of it all the same."""
    publish_due()


def _refresh_words(slot: datetime) -> None:
    refresh_words()


def _empty_trash(slot: datetime) -> None:
    trash.sweep(TRASHED_PER_RUN)
