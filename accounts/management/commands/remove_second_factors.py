from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from accounts.doors.recovery import remove_second_factors
from accounts.models import User


class Command(BaseCommand):
    help = "Lets somebody in again who lost app, passkeys and recovery codes. The password stays."

    def add_arguments(self, parser) -> None:
        parser.add_argument("login", help="username or e-mail address")

    def handle(self, *args, login: str, **options) -> None:
        user = User.objects.by_login(login).first()
        if user is None:
            raise CommandError(f"Nobody is called {login}.")
        try:
            remove_second_factors(user, by=None)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        self.stdout.write(f"{user.username} signs in with the password alone until one is set up.")
