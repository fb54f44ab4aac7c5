"""Pictures of what one person sees: pages of an account, mails, and a post on paper.

    .venv/bin/python docs/screenshots/people.py FOLDER   all of them, as PNG, to be looked at
    .venv/bin/python docs/screenshots/people.py          the few that are kept here, as WebP

As make.py, on the sample site with somebody who has an account and gets mail.
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

# What the sample does not have: a person with an address, and what the site has to write to her.
PERSON = """
import os
from pathlib import Path
from django.test import Client
from django.utils import timezone
from allauth.account.models import EmailAddress
from accounts import erasure
from accounts.models import Role
from accounts.services import set_role
from accounts.sign_up import sign_up
from accounts.tokens import make_personal_token
from blog.models import Post
from blog.services import save_content, submit_content
from events.mail import queue_mail
from events.models import Mail
from insights.reports import make_due_report

olga = sign_up("olga_marsh", "olga@example.org", "a-quiet-inkwell-22", display_name="Olga Marsh")
EmailAddress.objects.update(verified=True)
set_role(olga, Role.EDITOR)
ada = sign_up("ada_writes", "ada@example.org", "a-quiet-inkwell-24", display_name="Ada Reyes")
set_role(ada, Role.AUTHOR)
link = os.environ["SITE_URL"] + "/account/"
queue_mail("welcome", to=olga.email, language="en", kind="welcome", recipient=olga,
           context={"name": olga.name, "url": link})
queue_mail("welcome", to=olga.email, language="zh-hans", kind="welcome-chinese", recipient=olga,
           context={"name": olga.name, "url": link})
post = save_content(Post(title="What a nib knows", body="Much.", language="en"), by=ada)
submit_content(post, by=ada)
make_due_report(timezone.now())
make_personal_token(olga, name="Backup script", scopes=["read"])
client = Client(HTTP_HOST="127.0.0.1", HTTP_USER_AGENT="Mozilla/5.0 (X11; Linux) Firefox/148.0")
client.post("/account/login/", {"login": "olga_marsh", "password": "a-quiet-inkwell-22"})
stranger = Client(HTTP_HOST="127.0.0.1")
stranger.post("/account/login/code/", {"email": olga.email})
stranger.post("/account/password/reset/", {"email": olga.email})
rita = sign_up("rita_holm", "rita@example.org", "a-quiet-inkwell-23", display_name="Rita Holm")
erasure.ask(rita, heir=None, by=rita)
folder = Path(os.environ["PERSON_FOLDER"])
(folder / "session").write_text(client.cookies["sessionid"].value)
for mail in Mail.objects.exclude(html=""):
    (folder / f"{mail.kind}-{mail.pk}.html").write_text(mail.html)
"""
ACCOUNT = {
    "account": "/account/",
    "profile": "/account/profile/",
    "sessions": "/account/sessions/",
    "second-factors": "/account/2fa/",
    "tokens": "/account/tokens/",
    "data": "/account/data/",
    "leave": "/account/leave/",
    "address": "/account/email/",
    "password": "/account/password/change/",
}
PRINTED = {
    "print-post": "/posts/how-to-grind-ink/",
    "print-chinese": "/posts/letters-to-the-future/",
    "print-arabic": "/posts/arabic/",
}
PAPER = {"width": 718, "height": 1046}  # CSS pixels: A4 within margins of a centimetre
KEPT = (("account", "desktop", "light"), ("mail-welcome", "phone", "light"))


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    if folder:
        folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as notes:
        os.environ["PERSON_FOLDER"] = notes
        with sample_site(["shell", "-v0", "-c", PERSON]) as address, sync_playwright() as library:
            chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
            browser = library.chromium.launch(executable_path=chromium, args=FLAGS)
            pages = {name: address + path for name, path in ACCOUNT.items()}
            pages |= {f"mail-{file.stem}": file.as_uri() for file in Path(notes).glob("*.html")}
            session = {
                "name": "sessionid",
                "value": (Path(notes) / "session").read_text(),
                "url": address,
            }
            for name, url in pages.items():
                for window in WINDOWS:
                    for scheme in SCHEMES:
                        if folder is None and (_plain(name), window, scheme) not in KEPT:
                            continue
                        png = taken(browser, session, url, window, scheme, whole=bool(folder))
                        _keep(folder, f"{_plain(name)}-{window}-{scheme}", png)
            for name, path in PRINTED.items() if folder else ():
                _keep(folder, name, printed(browser, address + path))
            browser.close()


def taken(
    browser: Browser, session: dict[str, str], url: str, window: str, scheme: str, *, whole: bool
) -> bytes:
    """A PNG of what a window shows first, or of the `whole` page."""
    context = browser.new_context(
        viewport=WINDOWS[window], color_scheme=scheme, reduced_motion="reduce", locale="en"
    )
    context.add_cookies([session])
    png = _open(context.new_page(), url).screenshot(full_page=whole)
    context.close()
    return png


def printed(browser: Browser, url: str) -> bytes:
    """A PNG of a page as it is set for paper, in one piece."""
    context = browser.new_context(viewport=PAPER, color_scheme="light")
    tab = _open(context.new_page(), url)
    tab.emulate_media(media="print")
    png = tab.screenshot(full_page=True)
    context.close()
    return png


def _open(tab: Page, url: str) -> Page:
    tab.goto(url, wait_until="networkidle")
    return tab


def _plain(name: str) -> str:
    """Without the number of a mail: `mail-welcome-3` is `mail-welcome`."""
    return name.rstrip("0123456789").rstrip("-")


def _keep(folder: Path | None, name: str, png: bytes) -> None:
    if folder:
        (folder / f"{name}.png").write_bytes(png)
        return
    with Image.open(io.BytesIO(png)) as image:
        image.save(HERE / f"{name}.webp", quality=QUALITY, method=6)


if __name__ == "__main__":
    main()
