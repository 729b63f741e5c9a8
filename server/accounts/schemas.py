"""What sign-up and sign-in take and answer."""

from __future__ import annotations

import re
import unicodedata
from typing import Annotated

from pydantic import AfterValidator, Field

from server.kit.bodies import AnswerBody, Line, RequestBody, at_most

LONGEST_EMAIL = 254  # RFC 3696, erratum 1690

_EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")


def normalised_email(value: str) -> str:
    """Lower case, NFC, no white space around. Raises ValueError for what is no e-mail address."""
    value = unicodedata.normalize("NFC", value).strip().lower()
    if _EMAIL.fullmatch(value) is None or not value.isprintable():
        raise ValueError("This is not an e-mail address.")
    if len(value) > LONGEST_EMAIL:
        raise ValueError(at_most(LONGEST_EMAIL))
    return value


Email = Annotated[str, AfterValidator(normalised_email)]


class SignUp(RequestBody):
    name: Annotated[str, Line(1, 80)]
    email: Email
    password: Annotated[str, Field(min_length=10, max_length=200)]


class Credentials(RequestBody):
    email: Email
    password: Annotated[str, Field(min_length=1, max_length=200)]


class AccountView(AnswerBody):
    id: str
    name: str
    email: str


class SessionView(AnswerBody):
    """Who is signed in, and the token that unsafe requests must carry from now on."""

    account: AccountView | None
    csrf: str
