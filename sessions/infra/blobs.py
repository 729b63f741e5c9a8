"""The files that `blobs.url` says where to keep: in a folder, or in S3 and what speaks like it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterable, AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from obstore.exceptions import BaseError
from obstore.store import LocalStore, S3Store

from sessions.errors import BlobsUnavailable, NotFound, StartupFailed
from sessions.settings import BlobSettings, Settings

if TYPE_CHECKING:
    from obstore.store import S3Config  # the library has it for type checkers only

FOLDER_NAME = "blobs"
CONNECT_LIMIT = timedelta(seconds=5)
REQUEST_LIMIT = timedelta(seconds=60)
RETRY_LIMIT = timedelta(seconds=30)
MAX_RETRIES = 3
_MAX_REASON_CHARS = 200


def open_blobs(settings: Settings) -> ObstoreBlobs:
    """No request is made yet. Raises StartupFailed for an address that is none, and for a folder
    that can be neither found nor made."""
    given = settings.blobs
    url = urlsplit(given.url)
    match url.scheme:
        case "" if not given.url:
            return _open_folder(settings.data_dir / FOLDER_NAME)
        case "file" if url.path and not url.netloc:
            return _open_folder(Path(unquote(url.path)))
        case "s3" if url.netloc:
            return ObstoreBlobs(_s3(given, url.netloc, url.path.strip("/")))
        case _:
            raise StartupFailed(
                "blobs.url is not an address this server can keep files at.",
                hint="Use file:///folder or s3://bucket/prefix, or leave it empty.",
            )


def _open_folder(folder: Path) -> ObstoreBlobs:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return ObstoreBlobs(LocalStore(folder), folder=folder)
    except (OSError, BaseError) as exc:
        raise StartupFailed(
            f"The folder for files, {folder}, can be neither found nor made: {exc}.",
            hint="Make it writable, or set blobs.url.",
        ) from exc


def _s3(given: BlobSettings, bucket: str, prefix: str) -> S3Store:
    config: S3Config = {"region": given.s3_region}
    # Only what is set: the store finds a machine's own credentials where none are given.
    if given.s3_endpoint:
        config["endpoint"] = given.s3_endpoint
    if access_key_id := given.s3_access_key_id.get_secret_value():
        config["access_key_id"] = access_key_id
        config["secret_access_key"] = given.s3_secret_access_key.get_secret_value()
    return S3Store(
        bucket,
        prefix=prefix or None,
        config=config,
        client_options={
            "allow_http": given.s3_endpoint.startswith("http://"),
            "connect_timeout": CONNECT_LIMIT,
            "timeout": REQUEST_LIMIT,
        },
        retry_config={"max_retries": MAX_RETRIES, "retry_timeout": RETRY_LIMIT},
    )


class ObstoreBlobs:
    """Implements `sessions.ports.Blobs`. `folder` is the local store's."""

    def __init__(self, store: LocalStore | S3Store, *, folder: Path | None = None) -> None:
        self._store = store
        self._folder = folder

    async def put(self, key: str, content: bytes | Path | AsyncIterable[bytes]) -> None:
        _check(key)
        try:
            await self._store.put_async(key, content)
            if self._folder is not None:
                await asyncio.to_thread(_sync, self._folder / key)
        except (BaseError, OSError) as exc:  # "not found" is said of a bucket here
            raise _unavailable(exc) from exc

    async def read(self, key: str, start: int, end: int) -> bytes:
        _check(key)
        if start < 0 or end < start:
            raise ValueError(f"{start} to {end} is no range")
        try:
            if start < end:
                return bytes(await self._store.get_range_async(key, start=start, end=end))
        except FileNotFoundError as exc:
            raise NotFound("stored file") from exc
        except (BaseError, OSError) as exc:
            if start < await self.size(key):
                raise _unavailable(exc) from exc
        else:
            await self.size(key)  # an empty range of nothing is no less missing
        return b""

    async def size(self, key: str) -> int:
        _check(key)
        try:
            return (await self._store.head_async(key))["size"]
        except FileNotFoundError as exc:
            raise NotFound("stored file") from exc
        except (BaseError, OSError) as exc:
            raise _unavailable(exc) from exc

    async def delete(self, key: str) -> None:
        _check(key)
        try:
            await self._store.delete_async(key)
        except FileNotFoundError:
            pass
        except (BaseError, OSError) as exc:
            raise _unavailable(exc) from exc

    async def list(self, prefix: str = "") -> AsyncIterator[str]:
        try:
            async for batch in self._store.list(prefix):
                for found in batch:
                    yield found["path"]
        except (BaseError, OSError) as exc:
            raise _unavailable(exc) from exc


def _check(key: str) -> None:
    """Keys are ours, never a user's words: a bad one is a mistake of this program."""
    if not all(part not in {"", ".", ".."} for part in key.split("/")):
        raise ValueError(f"{key!r} is no key of a stored file")


def _sync(path: Path) -> None:
    """The library leaves it to the system when a file reaches the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _unavailable(exc: Exception) -> BlobsUnavailable:
    first_line = str(exc).partition("\n")[0]
    return BlobsUnavailable(reason=first_line[:_MAX_REASON_CHARS] or type(exc).__name__)
