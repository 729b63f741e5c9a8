"""What `sessions.ports.Blobs` promises, in a local folder and in an S3 store."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Generator
from pathlib import Path

import pytest

from sessions.errors import BlobsUnavailable, NotFound, StartupFailed
from sessions.infra.blobs import open_blobs
from sessions.ports import Blobs
from sessions.settings import BlobSettings, Settings
from tests.support.s3 import S3Server, run_s3
from tests.support.services import free_port

FOLDER_AND_S3 = ["folder", pytest.param("s3", marks=pytest.mark.sockets)]
CONTENT = bytes(range(256)) * 40


@pytest.fixture(scope="module")
def s3_server(tmp_path_factory: pytest.TempPathFactory) -> Generator[S3Server]:
    with run_s3(tmp_path_factory.mktemp("s3")) as server:
        yield server


@pytest.fixture(params=FOLDER_AND_S3)
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """An empty store, of each kind in turn."""
    if request.param == "folder":
        return Settings(data_dir=tmp_path / "data")
    server: S3Server = request.getfixturevalue("s3_server")
    return Settings(data_dir=tmp_path, blobs=server.settings(secrets.token_hex(4)))


@pytest.fixture
def blobs(settings: Settings) -> Blobs:
    return open_blobs(settings)


async def keys_in(blobs: Blobs, prefix: str = "") -> set[str]:
    return {key async for key in blobs.list(prefix)}


async def in_pieces(content: bytes, size: int = 1000) -> AsyncIterator[bytes]:
    for start in range(0, len(content), size):
        yield content[start : start + size]


async def test_bytes_come_back(blobs: Blobs) -> None:
    await blobs.put("a/b.bin", CONTENT)

    assert await blobs.size("a/b.bin") == len(CONTENT)
    assert await blobs.read("a/b.bin", 0, len(CONTENT)) == CONTENT


async def test_a_local_file_comes_back(blobs: Blobs, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(CONTENT)
    await blobs.put("file", path)

    assert await blobs.read("file", 0, len(CONTENT)) == CONTENT


async def test_pieces_come_back_as_one(blobs: Blobs) -> None:
    await blobs.put("pieces", in_pieces(CONTENT))

    assert await blobs.read("pieces", 0, len(CONTENT)) == CONTENT


async def test_what_is_larger_than_a_part_of_an_upload_comes_back(blobs: Blobs) -> None:
    large = secrets.token_bytes(6 * 1024 * 1024)
    await blobs.put("large", in_pieces(large, 1024 * 1024))

    assert await blobs.size("large") == len(large)
    at = 5 * 1024 * 1024 - 10
    assert await blobs.read("large", at, at + 20) == large[at : at + 20]


@pytest.mark.parametrize(
    ("start", "end"),
    [(0, 1), (0, 0), (7, 7), (255, 257), (10_239, 10_240), (10_000, 20_000), (10_240, 10_241)],
)
async def test_a_range_is_the_slice(blobs: Blobs, start: int, end: int) -> None:
    await blobs.put("range", CONTENT)

    assert await blobs.read("range", start, end) == CONTENT[start:end]


async def test_an_empty_file_is_a_file(blobs: Blobs) -> None:
    await blobs.put("empty", b"")

    assert await blobs.size("empty") == 0
    assert await blobs.read("empty", 0, 10) == b""


async def test_the_newest_content_counts(blobs: Blobs) -> None:
    await blobs.put("twice", b"the first")
    await blobs.put("twice", b"2nd")

    assert await blobs.read("twice", 0, 100) == b"2nd"


async def test_what_breaks_off_is_not_stored(blobs: Blobs) -> None:
    async def breaking() -> AsyncIterator[bytes]:
        yield b"x" * 1000
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await blobs.put("broken", breaking())
    with pytest.raises(NotFound):
        await blobs.size("broken")


@pytest.mark.parametrize(("start", "end"), [(0, 10), (0, 0)])
async def test_a_missing_file_is_not_found(blobs: Blobs, start: int, end: int) -> None:
    with pytest.raises(NotFound):
        await blobs.read("missing", start, end)
    with pytest.raises(NotFound):
        await blobs.size("missing")


async def test_a_deleted_file_is_gone(blobs: Blobs) -> None:
    await blobs.put("a/b", CONTENT)
    await blobs.delete("a/b")
    await blobs.delete("a/b")

    with pytest.raises(NotFound):
        await blobs.read("a/b", 0, 1)
    assert await keys_in(blobs) == set()


async def test_files_are_listed_by_folder(blobs: Blobs) -> None:
    for key in ("recordings/1/1.ogg", "recordings/1/2.ogg", "recordings/11/1.ogg", "other"):
        await blobs.put(key, b"x")

    assert await keys_in(blobs, "recordings/1") == {"recordings/1/1.ogg", "recordings/1/2.ogg"}
    assert len(await keys_in(blobs, "recordings/")) == 3
    assert len(await keys_in(blobs)) == 4
    assert await keys_in(blobs, "nothing") == set()


@pytest.mark.parametrize("key", ["", "/a", "a//b", "../a", "a/../b"])
async def test_a_key_cannot_lead_elsewhere(blobs: Blobs, key: str) -> None:
    with pytest.raises(ValueError, match="no key"):
        await blobs.put(key, b"x")


async def test_files_outlive_the_store_object(blobs: Blobs, settings: Settings) -> None:
    await blobs.put("kept", b"here")

    assert await open_blobs(settings).read("kept", 0, 4) == b"here"


# -- a store that is away ------------------------------------------------------------------------


@pytest.mark.sockets
async def test_an_s3_store_that_is_away_is_said_so(tmp_path: Path) -> None:
    away = S3Server(free_port()).settings()
    blobs = open_blobs(Settings(data_dir=tmp_path, blobs=away))

    for use in (blobs.put("a", b"x"), blobs.read("a", 0, 1), blobs.size("a"), blobs.delete("a")):
        with pytest.raises(BlobsUnavailable) as caught:
            await use
        assert caught.value.status == 503
    with pytest.raises(BlobsUnavailable):
        await keys_in(blobs)


@pytest.mark.sockets
async def test_a_missing_bucket_is_an_unavailable_store(
    s3_server: S3Server, tmp_path: Path
) -> None:
    given = s3_server.settings().model_copy(update={"url": "s3://no-such-bucket"})
    blobs = open_blobs(Settings(data_dir=tmp_path, blobs=given))

    with pytest.raises(BlobsUnavailable, match=r"\w"):
        await blobs.put("a", b"x")


async def test_a_folder_can_be_named(tmp_path: Path) -> None:
    folder = tmp_path / "with a space"
    blobs = open_blobs(Settings(blobs=BlobSettings(url=folder.as_uri())))
    await blobs.put("a", b"x")

    assert (folder / "a").read_bytes() == b"x"


@pytest.mark.parametrize("url", ["folder", "ftp://host/a", "s3://", "file://host/a"])
def test_another_address_is_refused(url: str, tmp_path: Path) -> None:
    with pytest.raises(StartupFailed, match=r"blobs\.url"):
        open_blobs(Settings(data_dir=tmp_path, blobs=BlobSettings(url=url)))


def test_a_folder_that_cannot_be_made_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")

    with pytest.raises(StartupFailed, match="folder"):
        open_blobs(Settings(data_dir=tmp_path / "file"))
