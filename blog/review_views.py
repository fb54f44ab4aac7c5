"""The page behind a review link: the text as it is now, and a form to say something of it."""

from django import forms
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from blog import reading, review_links, working
from blog.models import ReviewComment, ReviewLink
from lib.admin import add_refusal
from lib.http import address_block, client_address

COMMENTS_SHOWN = 200
# Not to be found, not to be kept, and its address not to be told to the sites it links to.
HEADERS = {
    "Cache-Control": "private, no-store",
    "X-Robots-Tag": "noindex, nofollow",
    "Referrer-Policy": "no-referrer",
}


class ReviewForm(forms.ModelForm):
    class Meta:
        model = ReviewComment
        fields = ["name", "text"]
        labels = {"name": _("Your name"), "text": _("What you have to say")}
        widgets = {"text": forms.Textarea(attrs={"rows": 6})}


# Nobody needs to be signed in, and the address itself is the secret: a page elsewhere that could
# forge the form would have to know it. Without this every reviewer would get a cookie.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def review(request: HttpRequest, token: str) -> HttpResponseBase:
    """404 for what never was a link, 410 for one that is over."""
    link = review_links.find_link(token)
    if link is None:
        raise Http404
    if not link.is_open:
        return TemplateResponse(request, "blog/review_over.html", status=410, headers=HEADERS)
    form, status = ReviewForm(request.POST if request.method == "POST" else None), 200
    headers = dict(HEADERS)
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                review_links.add_comment(
                    link, **form.cleaned_data, address=address_block(client_address(request))
                )
            except review_links.TooManyComments as error:
                form.add_error(None, error)
                status, headers["Retry-After"] = 429, str(error.retry_after)
            except ValidationError as error:
                add_refusal(form, error)
            else:
                answer = redirect("blog:review", token)
                for header, value in HEADERS.items():
                    answer[header] = value
                return answer
    context = _context(link, form)
    return TemplateResponse(request, "blog/review.html", context, status=status, headers=headers)


def _context(link: ReviewLink, form: ReviewForm) -> dict:
    post = working.for_preview(link.post)
    return {
        "link": link,
        "post": post,
        "content": post,
        "toc": reading.table_of_contents(post.headings),
        "form": form,
        # Those of this link only: what others said is for who writes.
        "comments": link.comments.order_by("pk")[:COMMENTS_SHOWN],
    }
