"""Signing up, in and out. Tokens are opaque; the database keeps only their hashes."""

from __future__ import annotations

import hashlib
import uuid

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError

from server.accounts.models import Account, SignIn
from server.accounts.passwords import Passwords
from server.kit.passport import SignedIn, new_token
from sessions.errors import EmailTaken, WrongCredentials
from sessions.ids import AccountId
from sessions.infra.db import Database, ReadSession, WriteSession
from sessions.ports import Clock

DAY_MS = 24 * 60 * 60 * 1000
RENEW_AFTER_MS = 60 * 60 * 1000
"""A sign-in's expiry is pushed back at most this often: not every request writes."""


class Accounts:
    """Accounts of one database. Each public method is one request's work."""

    def __init__(self, database: Database, clock: Clock, *, session_days: int) -> None:
        self._database = database
        self._clock = clock
        self._lasts_ms = session_days * DAY_MS
        self._passwords = Passwords()

    async def sign_up(self, *, name: str, email: str, password: str, replacing: str) -> SignedIn:
        """Raises EmailTaken. `replacing`: the token this browser held before, or empty."""
        password_hash = await self._passwords.hash(password)
        account = Account(
            id=str(uuid.uuid4()),
            email=email,
            name=name,
            password_hash=password_hash,
            created_ms=self._clock.now_ms(),
        )
        async with self._database.write() as session:
            session.add(account)
            try:
                await session.flush()
            except IntegrityError as exc:
                raise EmailTaken from exc
            return await self._open(session, account, replacing=replacing)

    async def sign_in(self, *, email: str, password: str, replacing: str) -> SignedIn:
        """Raises WrongCredentials, for an unknown e-mail too and after the same work."""
        async with self._database.read() as session:
            account = await session.scalar(select(Account).where(Account.email == email))
        password_hash = account.password_hash if account is not None else None
        is_match = await self._passwords.matches(password_hash, password)
        if account is None or not is_match:
            raise WrongCredentials
        renewed_hash = None
        if self._passwords.is_outdated(account.password_hash):
            renewed_hash = await self._passwords.hash(password)
        async with self._database.write() as session:
            if renewed_hash is not None:
                await session.execute(
                    update(Account)
                    .where(Account.id == account.id, Account.password_hash == password_hash)
                    .values(password_hash=renewed_hash)
                )
            return await self._open(session, account, replacing=replacing)

    async def sign_out(self, token: str) -> None:
        async with self._database.write() as session:
            await _close(session, token)

    async def find_sign_in(self, token: str) -> SignedIn | None:
        """The living sign-in of a token; its expiry is pushed back when due."""
        async with self._database.read() as session:
            found = await _load(session, token)
        if found is None:
            return None
        sign_in, account = found
        now_ms = self._clock.now_ms()
        if sign_in.expires_ms <= now_ms:
            return None
        is_renewed = now_ms - sign_in.last_used_ms >= RENEW_AFTER_MS
        if is_renewed:
            async with self._database.write() as session:
                await session.execute(
                    update(SignIn)
                    .where(SignIn.token_hash == sign_in.token_hash)
                    .values(last_used_ms=now_ms, expires_ms=now_ms + self._lasts_ms)
                )
        return _signed_in(account, token, is_renewed=is_renewed)

    async def _open(self, session: WriteSession, account: Account, *, replacing: str) -> SignedIn:
        now_ms = self._clock.now_ms()
        if replacing:
            await _close(session, replacing)
        await session.execute(
            delete(SignIn).where(SignIn.account_id == account.id, SignIn.expires_ms <= now_ms)
        )
        token = new_token()
        session.add(
            SignIn(
                token_hash=_hash(token),
                account_id=account.id,
                created_ms=now_ms,
                last_used_ms=now_ms,
                expires_ms=now_ms + self._lasts_ms,
            )
        )
        return _signed_in(account, token, is_renewed=True)


async def _load(session: ReadSession, token: str) -> tuple[SignIn, Account] | None:
    row = (
        await session.execute(
            select(SignIn, Account)
            .join(Account, Account.id == SignIn.account_id)
            .where(SignIn.token_hash == _hash(token))
        )
    ).one_or_none()
    return (row[0], row[1]) if row is not None else None


async def _close(session: WriteSession, token: str) -> None:
    await session.execute(delete(SignIn).where(SignIn.token_hash == _hash(token)))


def _signed_in(account: Account, token: str, *, is_renewed: bool) -> SignedIn:
    return SignedIn(
        account_id=AccountId(account.id),
        name=account.name,
        email=account.email,
        token=token,
        is_renewed=is_renewed,
    )


def _hash(token: str) -> str:
    # The token is 32 random bytes: a plain hash of it cannot be guessed back.
    return hashlib.sha256(token.encode()).hexdigest()
