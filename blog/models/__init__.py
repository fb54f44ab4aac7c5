"""What is published, and where."""

from blog.models.address import OldAddress
from blog.models.autosave import Autosave
from blog.models.content import Content, ContentQuerySet
from blog.models.editorial import Remark
from blog.models.page import Page
from blog.models.post import Post, PostAuthor, PostQuerySet
from blog.models.presence import Presence
from blog.models.review import ReviewComment, ReviewLink
from blog.models.revision import Revision
from blog.models.search import SearchMiss, SearchPart, SearchWord
from blog.models.site import Site
from blog.models.task import Task, TaskQuerySet
from blog.models.taxonomy import Category, Series, Tag
from blog.models.working import WorkingRevision, WorkingSave

__all__ = [
    "Autosave",
    "Category",
    "Content",
    "ContentQuerySet",
    "OldAddress",
    "Page",
    "Post",
    "PostAuthor",
    "PostQuerySet",
    "Presence",
    "Remark",
    "ReviewComment",
    "ReviewLink",
    "Revision",
    "SearchMiss",
    "SearchPart",
    "SearchWord",
    "Series",
    "Site",
    "Tag",
    "Task",
    "TaskQuerySet",
    "WorkingRevision",
    "WorkingSave",
]
