"""People in the admin, and what is kept about them."""

from accounts.admin import audit, people

__all__ = ["audit", "people"]
