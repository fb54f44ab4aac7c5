"""How people sign up and in, and what is kept of what they did."""

from pathlib import Path

from config.settings.environment import env

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.backends.EmailOrUsernameBackend"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/account/"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "accounts.passwords.MaximumLengthValidator"},
]
# Whether visitors may make accounts for themselves.
SIGN_UP_OPEN = env.bool("SIGN_UP_OPEN", default=True)
# Who must have a second factor: staff, everyone, or names of roles. Empty: nobody must.
REQUIRE_SECOND_FACTOR = env.list("REQUIRE_SECOND_FACTOR", default=[])

# allauth carries the pages of signing up and in; its limits are off, because ours count for the
# API and the admin as well (accounts/limits.py).
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = ACCOUNT_EMAIL_VERIFICATION_BY_CODE_TIMEOUT = 900  # seconds
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 900  # seconds
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_REDIRECT_URL = "/"
ACCOUNT_RATE_LIMITS = MFA_RATE_LIMITS = False
ACCOUNT_FORMS = {
    "login": "accounts.doors.forms.SignInForm",
    "signup": "accounts.doors.forms.SignUpForm",
    "add_email": "accounts.doors.forms.ChangeAddressForm",
    "confirm_email_verification_code": "accounts.doors.forms.ConfirmAddressForm",
    "request_login_code": "accounts.doors.forms.AskForCodeForm",
    "confirm_login_code": "accounts.doors.forms.ConfirmCodeForm",
    "reset_password": "accounts.doors.forms.AskForResetForm",
    "reset_password_from_key": "accounts.doors.forms.NewPasswordForm",
    "set_password": "accounts.doors.forms.SetPasswordForm",
    "change_password": "accounts.doors.forms.ChangePasswordForm",
    "reauthenticate": "accounts.doors.forms.ReauthenticateForm",
}
MFA_ADAPTER = "accounts.adapter.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_TOTP_TOLERANCE = 1  # steps of 30 seconds, for clocks that go wrong
MFA_FORMS = {
    "authenticate": "accounts.doors.forms.CodeForm",
    "reauthenticate": "accounts.doors.forms.ReauthenticateByCodeForm",
    "activate_totp": "accounts.doors.forms.ActivateTOTPForm",
    "add_webauthn": "accounts.doors.forms.AddPasskeyForm",
    "edit_webauthn": "accounts.doors.forms.RenamePasskeyForm",
    "login_webauthn": "accounts.doors.forms.SignInByPasskeyForm",
    "authenticate_webauthn": "accounts.doors.forms.SecondFactorPasskeyForm",
    "reauthenticate_webauthn": "accounts.doors.forms.ReauthenticateByPasskeyForm",
}
# What apps sign in with; see accounts/jwt.py and accounts/tokens.py.
ACCESS_TOKEN_SECONDS = env.int("ACCESS_TOKEN_SECONDS", default=900)
REFRESH_TOKEN_SECONDS = env.int("REFRESH_TOKEN_SECONDS", default=14 * 86_400)
JWT_ALGORITHM = env("JWT_ALGORITHM", default="HS256")
_key_file = env("JWT_PRIVATE_KEY_FILE", default="")
JWT_PRIVATE_KEY = Path(_key_file).read_text() if _key_file else env("JWT_PRIVATE_KEY", default="")
JWT_PRIVATE_KEY = JWT_PRIVATE_KEY.replace("\\n", "\n")
JWT_FORMER_PUBLIC_KEYS = [
    Path(name).read_text() for name in env.list("JWT_FORMER_PUBLIC_KEY_FILES", default=[])
]
# How long the audit trail is kept.
AUDIT_DAYS = env.int("AUDIT_DAYS", default=365)
# How long posts and pages stay in the bin; 0 keeps them there.
TRASH_DAYS = env.int("TRASH_DAYS", default=30)
