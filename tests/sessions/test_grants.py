"""Room passes, and the secret they are signed with."""

from __future__ import annotations

import math
import stat
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions.errors import GrantInvalid, SettingsInvalid, StartupFailed
from sessions.grants import RoomGrant, issue_room_token, read_room_token
from sessions.ids import AccountId, InterviewId
from sessions.infra.secret import load_or_create_secret
from sessions.settings import Settings, load_settings

SECRET = "made-up-secret-for-tests-0123456789"
NOW_MS = 1_800_000_000_123
ROOM = InterviewId("6f0c4bb2-2d3f-4a51-9a5c-0a4a7f0f7f01")
GRANT = RoomGrant(interview_id=ROOM, account_id=AccountId("ada"), expires_ms=NOW_MS + 600_000)

DAMAGED = "This room pass is damaged, or was not made by this server."
EXPIRED = "This room pass has expired."
ELSEWHERE = "This room pass is for another interview."


def refusal(token: str, *, now_ms: int = NOW_MS, room: InterviewId = ROOM) -> str:
    with pytest.raises(GrantInvalid) as caught:
        read_room_token(token, SECRET, interview_id=room, now_ms=now_ms)
    assert caught.value.hint
    return caught.value.message


def forged(
    changes: Mapping[str, object] = MappingProxyType({}),
    *,
    secret: str = SECRET,
    algorithm: str = "HS256",
) -> str:
    claims: dict[str, object] = {
        "aud": "room",
        "sub": "ada",
        "room": ROOM,
        "role": "candidate",
        "exp": GRANT.expires_ms / 1000,
        **changes,
    }
    claims = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode(claims, secret, algorithm=algorithm)


@given(now_ms=st.integers(0, 4_000_000_000_000), minutes=st.integers(1, 600))
def test_a_pass_grants_what_was_issued(now_ms: int, minutes: int) -> None:
    grant = replace(GRANT, expires_ms=now_ms + minutes * 60_000)

    token = issue_room_token(grant, SECRET)

    assert read_room_token(token, SECRET, interview_id=ROOM, now_ms=now_ms) == grant


def test_a_pass_is_over_at_the_very_moment_it_says() -> None:
    token = issue_room_token(GRANT, SECRET)

    last_moment = GRANT.expires_ms - 1
    assert read_room_token(token, SECRET, interview_id=ROOM, now_ms=last_moment) == GRANT
    assert refusal(token, now_ms=GRANT.expires_ms) == EXPIRED


@pytest.mark.parametrize("expires_ms", [1_000, 9_000_000_000_000])
def test_only_the_time_given_counts(expires_ms: int) -> None:
    """Both lie far from what the machine's clock says."""
    assert abs(time.time_ns() / 1e6 - expires_ms) > 1e12
    token = issue_room_token(replace(GRANT, expires_ms=expires_ms), SECRET)

    read_room_token(token, SECRET, interview_id=ROOM, now_ms=expires_ms - 1)
    assert refusal(token, now_ms=expires_ms) == EXPIRED


def test_a_pass_opens_no_other_room() -> None:
    assert refusal(issue_room_token(GRANT, SECRET), room=InterviewId("another")) == ELSEWHERE


def test_a_pass_of_another_server_is_refused() -> None:
    assert refusal(issue_room_token(GRANT, SECRET[::-1])) == DAMAGED


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "..", "x" * 5_000, "naïve.🎤.\x00", "\ud800"])
def test_what_is_no_pass_is_refused(token: str) -> None:
    assert refusal(token) == DAMAGED


def test_an_unsigned_pass_is_refused() -> None:
    header, claims, _ = forged().split(".")
    unsigned = jwt.encode({"sub": "ada"}, "", algorithm="none").split(".")[0]

    assert refusal(f"{unsigned}.{claims}.") == DAMAGED
    assert refusal(f"{header}.{claims}.") == DAMAGED


def test_a_pass_of_another_algorithm_is_refused() -> None:
    assert refusal(forged(secret=SECRET * 2, algorithm="HS512")) == DAMAGED
    assert refusal(jwt.encode({"sub": "ada"}, SECRET * 2, algorithm="HS384")) == DAMAGED


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "sign-in"},
        {"aud": None},
        {"sub": None},
        {"sub": 7},
        {"room": None},
        {"role": "observer"},
        {"role": None},
        {"exp": None},
        {"exp": "tomorrow"},
        {"exp": True},
        {"exp": math.nan},
        {"exp": math.inf},
    ],
)
def test_a_signed_token_that_is_no_room_pass_is_refused(changes: dict[str, object]) -> None:
    assert refusal(forged(changes)) == DAMAGED


@given(position=st.integers(0, 10_000), character=st.characters())
def test_a_changed_pass_never_grants_anything_else(position: int, character: str) -> None:
    token = issue_room_token(GRANT, SECRET)
    place = position % len(token)
    changed = token[:place] + character + token[place + 1 :]

    try:
        read = read_room_token(changed, SECRET, interview_id=ROOM, now_ms=NOW_MS)
    except GrantInvalid:
        return
    # Base64 has spare bits at its end: another spelling of the same signature is the same pass.
    assert read == GRANT


# -- the secret ----------------------------------------------------------------------------------


def settings_in(folder: Path, secret: str = "") -> Settings:
    environ = {"VIVAVOCE__DATA_DIR": str(folder), "VIVAVOCE__SECURITY__SECRET_KEY": secret}
    return load_settings(None, environ=environ)


def test_the_environments_secret_is_used_and_nothing_written(tmp_path: Path) -> None:
    assert load_or_create_secret(settings_in(tmp_path, SECRET)) == SECRET
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("secret", ["short", "x" * 31])
def test_a_short_secret_is_refused_without_repeating_it(tmp_path: Path, secret: str) -> None:
    with pytest.raises(SettingsInvalid) as caught:
        load_or_create_secret(settings_in(tmp_path, secret))

    assert "VIVAVOCE__SECURITY__SECRET_KEY" in caught.value.message
    assert secret not in caught.value.message + caught.value.hint


def test_a_secret_is_made_once_for_its_owner_only(tmp_path: Path) -> None:
    folder = tmp_path / "var" / "deeper"

    secret = load_or_create_secret(settings_in(folder))

    assert len(secret) >= 32
    assert load_or_create_secret(settings_in(folder)) == secret
    assert [path.name for path in folder.iterdir()] == ["secret.key"]
    assert stat.S_IMODE((folder / "secret.key").stat().st_mode) == 0o600


def test_every_installation_has_a_secret_of_its_own(tmp_path: Path) -> None:
    one, two = settings_in(tmp_path / "one"), settings_in(tmp_path / "two")

    assert load_or_create_secret(one) != load_or_create_secret(two)


def test_processes_that_start_at_once_agree_on_the_secret(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    with ThreadPoolExecutor(8) as starting:
        found = set(starting.map(load_or_create_secret, [settings] * 32))

    assert len(found) == 1


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "var").write_text("a file stands where the folder should be")

    with pytest.raises(StartupFailed) as caught:
        load_or_create_secret(settings_in(tmp_path / "var"))

    assert "secret.key can be neither read nor made" in caught.value.message
    assert "VIVAVOCE__SECURITY__SECRET_KEY" in caught.value.hint


@pytest.mark.parametrize("content", [b"", b"\n", b"cut off", b"\xff\xfe" * 40])
def test_a_damaged_secret_is_said(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "secret.key").write_bytes(content)

    with pytest.raises(StartupFailed, match=r"secret\.key"):
        load_or_create_secret(settings_in(tmp_path))
