"""What staff see: one module for each kind of thing."""

from blog.admin.addresses import OldAddressAdmin
from blog.admin.pages import PageAdmin
from blog.admin.posts import PostAdmin
from blog.admin.revisions import RevisionAdmin
from blog.admin.searches import SearchMissAdmin
from blog.admin.site import SiteAdmin
from blog.admin.tasks import TaskAdmin
from blog.admin.terms import CategoryAdmin, SeriesAdmin, TagAdmin

__all__ = [
    "CategoryAdmin",
    "OldAddressAdmin",
    "PageAdmin",
    "PostAdmin",
    "RevisionAdmin",
    "SearchMissAdmin",
    "SeriesAdmin",
    "SiteAdmin",
    "TagAdmin",
    "TaskAdmin",
]
