"""The page of a post where it is reviewed: checks, what was said, who has what to do."""

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from blog import planning, policy, review_links, services, todo, workflow
from blog.checks import NotPublishable, publish_report
from blog.models import Content, Post, Task
from blog.models.editorial import REMARK_MAX_LENGTH
from lib.admin import add_refusal
from lib.api.pagination import whole_number

REMARKS_SHOWN = 200
LINKS_SHOWN = 100


class RemarkForm(forms.Form):
    """What somebody has to say."""

    text = forms.CharField(
        label=_("What you have to say"),
        max_length=REMARK_MAX_LENGTH,
        widget=forms.Textarea(attrs={"rows": 4, "cols": 60}),
    )


class AssignForm(forms.Form):
    """Who has to do something about the post, and until when."""

    assignee = forms.ModelChoiceField(label=_("Who"), queryset=None)
    title = forms.CharField(
        label=_("What"), max_length=200, required=False, help_text=_("Empty: to review it.")
    )
    due = forms.DateField(
        label=_("Until"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["assignee"].queryset = todo.choices_for(user, None)


class LinkForm(forms.Form):
    """A review link to be made."""

    label = forms.CharField(label=_("For whom"), max_length=100, required=False)
    days = forms.IntegerField(
        label=_("Days it works"),
        min_value=1,
        max_value=review_links.MAX_DAYS,
        initial=review_links.DEFAULT_DAYS,
    )


class WorkflowPage:
    """Adds `<id>/workflow/` to the admin of posts."""

    def get_urls(self):
        view = require_http_methods(["GET", "HEAD", "POST"])(self.workflow_view)
        ours = path(
            "<int:object_id>/workflow/",
            self.admin_site.admin_view(view),
            name="blog_post_workflow",
        )
        return [ours, *super().get_urls()]

    def workflow_view(self, request: HttpRequest, object_id: int) -> HttpResponseBase:
        post = Post.objects.filter(pk=object_id).first()
        if post is None or not policy.may_discuss(request.user, post):
            raise Http404
        step = request.POST.get("step", "")
        remark = RemarkForm(request.POST if step in ("remark", "changes") else None)
        assign = AssignForm(request.POST if step == "assign" else None, user=request.user)
        link = LinkForm(request.POST if step == "link" else None)
        used = {"remark": remark, "changes": remark, "assign": assign, "link": link}.get(step)
        forms_ = {"remark_form": remark, "assign_form": assign, "link_form": link}
        if request.method == "POST" and (used is None or used.is_valid()):
            given = used.cleaned_data if used else request.POST
            try:
                if step == "link":
                    # Shown in this answer and never again: nothing that would keep it may have it.
                    _link, address = review_links.make_link(post, by=request.user, **given)
                    forms_ |= {"new_address": address, "link_form": LinkForm()}
                    return self._page(request, post, forms_)
                told = _take(step, post, request.user, given)
            except PermissionDenied as error:
                raise Http404 from error
            except ValidationError as error:
                self._tell(request, used, error)
            else:
                messages.success(request, told)
                return redirect("admin:blog_post_workflow", post.pk)
            post.refresh_from_db()
        return self._page(request, post, forms_)

    def _tell(self, request, form: forms.Form | None, error: ValidationError) -> None:
        if form is not None:
            add_refusal(form, error)
        elif not isinstance(error, NotPublishable):  # whose findings the page lists anyway
            messages.error(request, " ".join(error.messages))
        else:
            messages.error(request, _("The checks of this site refuse to publish it."))

    def _page(self, request, post: Post, shown: dict) -> TemplateResponse:
        context = {**self._context(request, post), **shown}
        return TemplateResponse(request, "admin/blog/workflow.html", context)

    def _context(self, request, post: Post) -> dict:
        user = request.user
        remarks = list(workflow.thread_of(post).reverse()[:REMARKS_SHOWN])
        tasks = Task.objects.visible_to(user).filter(post=post).select_related("assignee")
        may_change = policy.may_edit(user, post)
        return {
            **self.admin_site.each_context(request),
            "title": _("Review"),
            "subtitle": post.title,
            "opts": self.opts,
            "post": post,
            "remarks": remarks[::-1],
            "tasks": tasks.most_urgent_first()[:100],
            "report": publish_report(post),
            "publications": planning.publications_of(post),
            "links": post.review_links.select_related("made_by")[:LINKS_SHOWN],
            "reviewers": review_links.comments_on(post).reverse()[:REMARKS_SHOWN],
            "may_change": may_change,
            "may_submit": may_change and post.status == Content.Status.DRAFT,
            "may_send_back": policy.may_review(user, post)
            and post.status == Content.Status.IN_REVIEW,
            "may_publish": policy.may_publish(user, post)
            and post.status != Content.Status.PUBLISHED,
        }


def _take(step: str, post: Post, user, given: dict) -> str:
    """Do what a button says; what to tell of it. Raises ValidationError, PermissionDenied."""
    if step == "remark":
        workflow.add_remark(post, by=user, text=given["text"])
        return _("Said.")
    if step == "changes":
        workflow.request_changes(post, by=user, text=given["text"])
        return _("It is a draft again, and its writers are told.")
    if step == "assign":
        named = {"to": given["assignee"], "due": given["due"], "title": given["title"]}
        workflow.assign_post(post, by=user, **named)
        return _("Assigned.")
    if step == "revoke":
        link = post.review_links.filter(pk=whole_number(given.get("link", ""))).first()
        if link is None:
            raise Http404
        review_links.revoke_link(link, by=user)
        return _("The link leads nowhere any more.")
    if step in ("resolve", "reopen"):
        remark = post.remarks.filter(pk=whole_number(given.get("remark", ""))).first()
        if remark is None:
            raise Http404
        workflow.resolve_remark(remark, by=user, resolved=step == "resolve")
        return _("Resolved.") if step == "resolve" else _("It is open again.")
    if step == "submit":
        services.submit_content(post, by=user)
        return _("It waits for review.")
    if step == "publish":
        services.publish_content(post, by=user)
        return _("Its state is now: %(state)s.") % {"state": post.state_label}
    raise PermissionDenied
