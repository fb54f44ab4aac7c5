"""The ways in: signing up and in, e-mail addresses, second factors, sessions.

django-allauth does the work; what is here is our rules for it, our words and our pages.
"""
