"""Talking to the API of accounts as a program does."""

import json

from django.test import Client

PASSWORD = "correct horse battery"
API = "/api/v1/"


class App:
    """A program with or without a token. Its cookies are its own."""

    def __init__(self, token: str = "", **environ):
        self.client = Client(enforce_csrf_checks=True, **environ)
        self.token = token

    def __call__(self, method: str, address: str, data=None, **environ):
        if self.token:
            environ["HTTP_AUTHORIZATION"] = f"Bearer {self.token}"
        body = "" if data is None else json.dumps(data)
        kind = "application/json"
        return self.client.generic(method, API + address, body, content_type=kind, **environ)

    def get(self, address: str, **environ):
        return self("GET", address, **environ)

    def post(self, address: str, data=None, **environ):
        return self("POST", address, {} if data is None else data, **environ)

    def patch(self, address: str, data=None, **environ):
        return self("PATCH", address, {} if data is None else data, **environ)

    def delete(self, address: str, **environ):
        return self("DELETE", address, **environ)


def sign_in(login: str, password: str = PASSWORD, **fields):
    """What the token endpoint answers."""
    return App().post("auth/token/", {"username": login, "password": password, **fields})


def app_of(login: str) -> App:
    """An app in which `login` has just signed in."""
    return App(sign_in(login).json()["access_token"])


def problem(response) -> tuple[int, str]:
    """Status and type of a refusal, whose document is checked to be one."""
    body = response.json()
    assert response["Content-Type"] == "application/problem+json"
    assert body["status"] == response.status_code
    return response.status_code, body["type"].rpartition(":")[2]
