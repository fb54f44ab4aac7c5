import json
import sys

from django.core.management.base import BaseCommand

from config.doctor.examinations import EXAMINATIONS, NEED_DATABASE
from config.doctor.findings import Examination, Finding, Level, examine
from config.doctor.headers import of_headers
from config.doctor.preflight import PREFLIGHT

SIGNS = {Level.OK: "ok", Level.WARNING: "WARN", Level.FAILED: "FAIL", Level.SKIPPED: "skip"}


def _failed(findings: list[Finding], part: str = "") -> bool:
    """Whether any of `findings` is a failure, or one of `part`."""
    return any(each.level == Level.FAILED and part in ("", each.part) for each in findings)


class Command(BaseCommand):
    help = (
        "Examine this installation and say in plain words what is wrong and what to do. Changes "
        "nothing and shows no secret. Ends with status 1 when something failed."
    )
    # It is there to say what is wrong with them.
    requires_system_checks = []

    def add_arguments(self, parser) -> None:
        parser.add_argument("--json", action="store_true", help="For programs.")
        parser.add_argument(
            "--upgrade", action="store_true", help="Look at what matters before migrations run."
        )
        parser.add_argument(
            "--address",
            default="",
            metavar="URL",
            help="Where the web server answers, to look at its headers; SITE_URL if it is here.",
        )

    def handle(self, *args, **options) -> None:
        examinations: dict[str, Examination] = (
            PREFLIGHT
            if options["upgrade"]
            else {**EXAMINATIONS, "headers": lambda: of_headers(options["address"])}
        )
        findings: list[Finding] = []
        for part, examination in examinations.items():
            if part in NEED_DATABASE and _failed(findings, "database"):
                continue
            findings += examine(part, examination)
        if options["json"]:
            self.stdout.write(self._as_json(findings))
        else:
            self._show(findings)
        if _failed(findings):
            sys.exit(1)

    def _as_json(self, findings: list[Finding]) -> str:
        healthy = not _failed(findings)
        return json.dumps(
            {"healthy": healthy, "findings": [vars(found) for found in findings]},
            ensure_ascii=False,
            indent=1,
        )

    def _show(self, findings: list[Finding]) -> None:
        styles = {
            Level.FAILED: self.style.ERROR,
            Level.WARNING: self.style.WARNING,
            Level.OK: self.style.SUCCESS,
        }
        for found in findings:
            style = styles.get(found.level, str)
            self.stdout.write(f"{style(f'{SIGNS[found.level]:4}')}  {found.part}: {found.text}")
            if found.advice:
                self.stdout.write(f"      -> {found.advice}")
