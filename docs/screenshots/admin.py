"""Pictures of the admin at work: its first page, the calendar, the writing screen, a review.

    .venv/bin/python docs/screenshots/admin.py FOLDER   all of them, as PNG, to be looked at
    .venv/bin/python docs/screenshots/admin.py          the few that stand beside this file, as WebP

As make.py, on the sample site with some work in progress.
"""

import io
import os
import shutil
import sys
import tempfile
from pathlib import Path

from make import FLAGS, HERE, QUALITY, SCHEMES, WINDOWS, sample_site
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

# What the sample does not have: somebody who edits, and something to do.
WORK = """
import os
from datetime import timedelta
from pathlib import Path
from django.test import Client
from django.utils import timezone
from accounts.models import Role, User
from accounts.services import set_role
from blog import review_links
from blog.models import Post, Task
from blog.planning import move
from blog.services import publish_content, save_content, submit_content
from blog.todo import save_task

olga = User.objects.create_user("olga", "olga@example.org", display_name="Olga Marsh")
set_role(olga, Role.EDITOR)
now = timezone.now().replace(hour=9, minute=30, second=0, microsecond=0)
made = []
for title in ("A press in the cellar", "Blotting paper", "Ink that fades", "What a nib knows"):
    post = Post(title=title, body=Post.objects.order_by("pk").first().body, language="en")
    made.append(save_content(post, by=olga))
publish_content(made[0], by=olga, at=now + timedelta(days=2))
publish_content(made[1], by=olga, at=now + timedelta(days=5))
submit_content(made[2], by=olga)
move(made[3], by=olga, at=now + timedelta(days=3))
link, _address = review_links.make_link(made[2], by=olga)
review_links.add_comment(link, name="Tomas", text="The second half is the stronger.", address="x")
due = (now + timedelta(days=1)).date()
save_task(Task(title="Ask for a picture of the press", assignee=olga, due=due), by=olga)
save_task(Task(title="Check the dates", assignee=olga, due=due - timedelta(days=4)), by=olga)
client = Client()
client.force_login(olga)
Path(os.environ["SESSION_FILE"]).write_text(client.cookies["sessionid"].value)
"""
PAGES = ("home", "calendar", "writing", "review", "posts")
# Those that are kept here: page, window, scheme.
KEPT = (
    ("home", "desktop", "light"),
    ("home", "phone", "dark"),
    ("calendar", "desktop", "light"),
    ("writing", "desktop", "dark"),
)


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    with tempfile.NamedTemporaryFile() as session:
        os.environ["SESSION_FILE"] = session.name
        with sample_site(["shell", "-v0", "-c", WORK]) as address, sync_playwright() as library:
            chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
            browser = library.chromium.launch(executable_path=chromium, args=FLAGS)
            cookie = {"name": "sessionid", "value": Path(session.name).read_text(), "url": address}
            if folder is None:
                for page, window, scheme in KEPT:
                    png = taken(browser, cookie, page, window, scheme, whole=False)
                    with Image.open(io.BytesIO(png)) as image:
                        file = HERE / f"admin-{page}-{window}-{scheme}.webp"
                        image.save(file, quality=QUALITY, method=6)
            else:
                folder.mkdir(parents=True, exist_ok=True)
                for page in PAGES:
                    for window in WINDOWS:
                        for scheme in SCHEMES:
                            png = taken(browser, cookie, page, window, scheme, whole=True)
                            (folder / f"{page}-{window}-{scheme}.png").write_bytes(png)
            browser.close()


def taken(
    browser: Browser, cookie: dict[str, str], page: str, window: str, scheme: str, *, whole: bool
) -> bytes:
    """A PNG of what a window shows first, or of the `whole` page."""
    context = browser.new_context(
        base_url=cookie["url"],
        viewport=WINDOWS[window],
        color_scheme=scheme,
        reduced_motion="reduce",
        locale="en",
    )
    context.add_cookies([cookie])
    tab = context.new_page()
    _open(tab, page)
    tab.wait_for_load_state("networkidle")
    png = tab.screenshot(full_page=whole)
    context.close()
    return png


def _open(tab: Page, page: str) -> None:
    tab.goto("/admin/")
    if page == "calendar":
        tab.goto("/admin/blog/post/calendar/")
    elif page == "posts":
        tab.goto("/admin/blog/post/")
    elif page == "review":
        tab.get_by_role("link", name="Ink that fades", exact=True).first.click()
    elif page == "writing":
        tab.get_by_role("link", name="What a nib knows").first.click()
        if tab.viewport_size == WINDOWS["desktop"]:
            tab.locator(".cm-content").wait_for()  # before that the button is a plain one
            tab.get_by_role("button", name="Preview", exact=True).click()
            tab.frame_locator(".desk-preview iframe").locator("article.post p").first.wait_for()


if __name__ == "__main__":
    main()
