"""Room passes: who may enter which room, until when. Signed by the server, read by the gateway.

A pass is a JSON Web Token (RFC 7519) with HS256. Time is an argument, so nothing here reads a
clock.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import jwt
from pydantic import BaseModel, ConfigDict, ValidationError

from sessions.errors import GrantInvalid
from sessions.ids import AccountId, InterviewId

_ALGORITHM = "HS256"
_AUDIENCE = "room"
_MAX_CHARS = 4_096
_ISSUED_FIELDS = ["aud", "sub", "exp"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomGrant:
    """What a room pass grants. `expires_ms` is epoch ms; at that moment it is over."""

    interview_id: InterviewId
    account_id: AccountId
    expires_ms: int
    role: Literal["candidate"] = "candidate"


class _Claims(BaseModel):
    model_config = ConfigDict(strict=True)

    sub: str
    room: str
    role: Literal["candidate"]
    exp: float


def issue_room_token(grant: RoomGrant, secret: str) -> str:
    claims = {
        "aud": _AUDIENCE,
        "sub": grant.account_id,
        "room": grant.interview_id,
        "role": grant.role,
        "exp": grant.expires_ms / 1000,  # seconds, as the RFC has it; fractions are allowed
    }
    return jwt.encode(claims, secret, algorithm=_ALGORITHM)


def read_room_token(
    token: str, secret: str, *, interview_id: InterviewId, now_ms: int
) -> RoomGrant:
    """Raises GrantInvalid, with a sentence of its own for a pass that is not ours or damaged,
    one for another room, and one that has expired."""
    claims = _read_claims(token, secret)
    if claims.room != interview_id:
        raise GrantInvalid("This room pass is for another interview.")
    expires_ms = round(claims.exp * 1000)
    if now_ms >= expires_ms:
        raise GrantInvalid("This room pass has expired.")
    return RoomGrant(
        interview_id=interview_id,
        account_id=AccountId(claims.sub),
        role=claims.role,
        expires_ms=expires_ms,
    )


def _read_claims(token: str, secret: str) -> _Claims:
    damaged = "This room pass is damaged, or was not made by this server."
    if len(token) > _MAX_CHARS:
        raise GrantInvalid(damaged)
    try:
        payload = jwt.decode(
            token,
            secret,
            algorithms=[_ALGORITHM],
            audience=_AUDIENCE,
            options={
                "require": _ISSUED_FIELDS,
                # They would be held against the library's own clock.
                "verify_exp": False,
                "verify_iat": False,
                "verify_nbf": False,
            },
        )
        claims = _Claims.model_validate(payload)
    except (jwt.InvalidTokenError, ValidationError, UnicodeError) as exc:
        raise GrantInvalid(damaged) from exc
    if not math.isfinite(claims.exp):
        raise GrantInvalid(damaged)
    return claims
