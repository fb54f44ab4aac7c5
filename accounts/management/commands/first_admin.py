from django.core.management.base import BaseCommand

from accounts.services import ensure_first_administrator


class Command(BaseCommand):
    help = (
        "Makes the first administrator and prints a one-time password, until it was used to"
        " choose an own one."
    )

    def handle(self, *args, **options) -> None:
        user, password = ensure_first_administrator()
        if password is None:
            self.stdout.write(f"Staff   {user.username} administers this site.")
            return
        self.stdout.write(f"Staff   user name {user.username}, one-time password {password}")
        self.stdout.write("        (you choose an own one at the first sign-in)")
