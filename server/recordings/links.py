"""Signed links: whoever has one may hear one part of one recording, until it expires.

A link's token is a JSON Web Token (RFC 7519) with HS256 over the interview, the part, the stored
blob's key and the expiry, by a key of its own made from the server's secret. Time is an argument.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass

import jwt
from pydantic import BaseModel, ConfigDict, ValidationError

from server.recordings.errors import RecordingLinkExpired, RecordingLinkInvalid
from sessions.ids import InterviewId

_ALGORITHM = "HS256"
_AUDIENCE = "recording"
_MAX_CHARS = 2_048
_FIELDS = ["aud", "sub", "exp"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingLink:
    """`key` names the blob; `expires_s` is epoch seconds: at that moment it is over."""

    interview_id: InterviewId
    part: int
    key: str
    expires_s: int


class _Claims(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")

    aud: str
    sub: str
    part: int
    key: str
    exp: int


def sign_link(link: RecordingLink, secret: str) -> str:
    claims = {
        "aud": _AUDIENCE,
        "sub": link.interview_id,
        "part": link.part,
        "key": link.key,
        "exp": link.expires_s,
    }
    return jwt.encode(claims, _key(secret), algorithm=_ALGORITHM)


def read_link(token: str, secret: str, *, now_ms: int) -> RecordingLink:
    """Raises RecordingLinkInvalid for a token changed in any character or not ours, and
    RecordingLinkExpired."""
    link = _read(token, secret)
    # Base64 has more than one spelling of the same bytes: only ours counts.
    if not hmac.compare_digest(sign_link(link, secret), token):
        raise RecordingLinkInvalid
    if now_ms >= link.expires_s * 1000:
        raise RecordingLinkExpired
    return link


def _read(token: str, secret: str) -> RecordingLink:
    if len(token) > _MAX_CHARS or not token.isascii():
        raise RecordingLinkInvalid
    try:
        payload = jwt.decode(
            token,
            _key(secret),
            algorithms=[_ALGORITHM],
            audience=_AUDIENCE,
            options={
                "require": _FIELDS,
                # They would be held against the library's own clock.
                "verify_exp": False,
                "verify_iat": False,
                "verify_nbf": False,
            },
        )
        claims = _Claims.model_validate(payload)
    except (jwt.InvalidTokenError, ValidationError) as exc:
        raise RecordingLinkInvalid from exc
    return RecordingLink(
        interview_id=InterviewId(claims.sub),
        part=claims.part,
        key=claims.key,
        expires_s=claims.exp,
    )


def _key(secret: str) -> bytes:
    return hmac.new(secret.encode(), b"vivavoce recording link", hashlib.sha256).digest()
