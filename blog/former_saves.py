"""Former saves of changes beside what is live, and the way back to them."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from blog import working
from blog.history import STATE_FIELDS
from blog.merging import as_snapshot, from_snapshot
from blog.models import Content, WorkingRevision, WorkingSave


@transaction.atomic
def restore_save(content: Content, save: WorkingSave, *, by: User) -> WorkingRevision | None:
    """Make the text, title, terms and byline of `save` the changes beside `content`, as a new save.

    As when a revision is restored, state and times stay, what is gone stays away, and who may not
    name authors leaves the byline. What is not live any more gets it itself, and a draft has no
    changes: then, and when nothing differs from what is live, None is returned.
    Raises ValidationError, NotPublishable and PermissionDenied as `working.keep_changes` does.
    """
    live = type(content).objects.select_for_update().get(pk=content.pk)
    if save.subject != live:
        raise ValidationError(_("This is a save of something else."))
    kept = {name: value for name, value in save.snapshot.items() if name not in STATE_FIELDS}
    values = as_snapshot(from_snapshot(kept, by=by))
    said = {"by": by, "reason": str(_("restored save %(number)d") % {"number": save.number})}
    if live.is_published or working.of(live) is not None:
        # From what is live now: a text that is brought back is not merged with what came after.
        return working.keep_changes(live, values, started_from=live.version, **said)
    working.take_over_changes(live, values, **said)
    return None
