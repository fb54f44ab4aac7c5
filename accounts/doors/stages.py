"""What stands between the right password and being signed in."""

from allauth.account.stages import EmailVerificationStage


class AddressStage(EmailVerificationStage):
    """Asks for a confirmed address, of those who have one.

    Somebody without any, the first administrator say, was let in by who made the account.
    """

    def handle(self):
        user = self.login.user
        if user is not None and not user.email:
            return None, True
        return super().handle()
