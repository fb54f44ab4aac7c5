"""What our admin classes share: lists that stay quick, and saves that services may refuse.

Plain mixins for a ModelAdmin; they know no app.
"""

import re

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.core.paginator import Paginator
from django.http import Http404
from django.utils.functional import cached_property

MAX_KEY_LENGTH = 18  # digits
KEY = re.compile(rf"[0-9]{{1,{MAX_KEY_LENGTH}}}")
MAX_COUNT = 10_000  # rows; whoever has more searches instead of turning pages


class CappedPaginator(Paginator):
    """Counts filtered rows up to MAX_COUNT only: beyond that the exact number helps nobody."""

    @cached_property
    def count(self) -> int:
        if not self.object_list.query.where:
            return self.object_list.count()  # an index alone answers
        return self.object_list.order_by().values("pk")[:MAX_COUNT].count()

    @property
    def is_capped(self) -> bool:
        return bool(self.object_list.query.where) and self.count >= MAX_COUNT


class TolerantAutocomplete:
    """A key that is none, posted to an autocomplete, is a form error and not a 500."""

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        return self._tolerant(super().formfield_for_foreignkey(db_field, request, **kwargs))

    def formfield_for_manytomany(self, db_field, request, **kwargs):
        return self._tolerant(super().formfield_for_manytomany(db_field, request, **kwargs))

    def _tolerant(self, field):
        kind = type(field.widget) if field else None
        if not hasattr(kind, "get_url"):  # only Django's autocompletes know one
            return field

        class Tolerant(kind):
            def value_from_datadict(self, data, files, name):
                # No database has a number that long; as a text it is refused by the field.
                value = super().value_from_datadict(data, files, name)
                if isinstance(value, list):
                    return [
                        key[:MAX_KEY_LENGTH] + "…" * (len(key) > MAX_KEY_LENGTH) for key in value
                    ]
                return value

            def optgroups(self, name, value, attr=None):
                # Django asks the database for whatever was posted, to show it again.
                keys = [key for key in value if KEY.fullmatch(str(key))]
                return super().optgroups(name, keys, attr)

        field.widget.__class__ = Tolerant
        return field


class QuickList(TolerantAutocomplete):
    """A list that is quick with 100,000 rows; what one may not see answers 404."""

    paginator = CappedPaginator
    show_full_result_count = False
    list_per_page = 50
    list_max_show_all = 50

    def _get_obj_does_not_exist_redirect(self, request, opts, object_id):
        # Django's own answer is a redirect with a message.
        raise Http404


class RefusalsAreFormErrors:
    """What a service refuses while saving is told beside the field; what was typed stays.

    The first pass saves and is rolled back by the refusal; the second shows the form with it.
    """

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except ValidationError as error:
            request.refusal = error
            self.before_refusal(request, object_id, error)
            return super().changeform_view(request, object_id, form_url, extra_context)

    def before_refusal(self, request, object_id, error: ValidationError) -> None:
        """Called between the two passes."""

    def get_form(self, request, obj=None, change=False, **kwargs):
        form = super().get_form(request, obj, change=change, **kwargs)
        refusal = getattr(request, "refusal", None)
        if refusal is None:
            return form

        class RefusedForm(form):
            def clean(self):
                cleaned = super().clean()
                add_refusal(self, refusal)
                return cleaned

        return RefusedForm


def add_refusal(form, error: ValidationError) -> None:
    """Add `error` to the fields of `form` it names; to the form itself where it names none."""
    by_field = (
        error.error_dict if hasattr(error, "error_dict") else {NON_FIELD_ERRORS: error.error_list}
    )
    for name, errors in by_field.items():
        form.add_error(name if name in form.fields else None, errors)
