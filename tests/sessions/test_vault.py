"""Encrypted files: any range is readable, nothing can be changed unseen, keys can be replaced."""

from __future__ import annotations

import base64
import errno
import secrets
from collections.abc import AsyncIterable, AsyncIterator
from io import FileIO
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from sessions.errors import NotFound, SettingsInvalid, StartupFailed
from sessions.infra.recording_keys import load_or_create_keyring
from sessions.infra.vault import (
    HEADER_BYTES,
    TAG_BYTES,
    Keyring,
    Sealer,
    VaultDamaged,
    VaultKey,
    VaultKeyUnknown,
    open_vault,
)
from sessions.infra.vault_files import VaultWriter, examine_file
from sessions.settings import RecordingSettings, Settings

CHUNK = 64
KEY = VaultKey(secrets.token_bytes(32))
OTHER = VaultKey(secrets.token_bytes(32))
KEYRING = Keyring([KEY])
PLAINTEXT = secrets.token_bytes(10 * CHUNK + 17)


class MemoryBlobs:
    """Implements `sessions.ports.Blobs` as far as reading goes, and counts the bytes read."""

    def __init__(self, **files: bytes) -> None:
        self.files = files
        self.read_bytes = 0

    async def put(self, key: str, content: bytes | Path | AsyncIterable[bytes]) -> None:
        assert isinstance(content, bytes)
        self.files[key] = content

    async def read(self, key: str, start: int, end: int) -> bytes:
        if key not in self.files:
            raise NotFound("stored file")
        piece = self.files[key][start:end]
        self.read_bytes += len(piece)
        return piece

    async def size(self, key: str) -> int:
        return len(self.files[key])

    async def delete(self, key: str) -> None:
        self.files.pop(key, None)

    async def list(self, prefix: str = "") -> AsyncIterator[str]:
        for key in self.files:
            if key.startswith(prefix):
                yield key


def sealed(plaintext: bytes, key: VaultKey = KEY, chunk_bytes: int = CHUNK) -> bytes:
    sealer = Sealer(key, chunk_bytes=chunk_bytes)
    pieces = [plaintext[start : start + 23] for start in range(0, len(plaintext), 23)]
    return b"".join([sealer.header, *(sealer.seal(piece) for piece in pieces), sealer.finish()])


async def opened(file: bytes, keyring: Keyring = KEYRING) -> bytes:
    vault = await open_vault(MemoryBlobs(file=file), "file", keyring)
    return await vault.read(0, vault.size)


# -- reading -------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, len(PLAINTEXT)])
async def test_what_was_sealed_can_be_opened(size: int) -> None:
    vault = await open_vault(MemoryBlobs(file=sealed(PLAINTEXT[:size])), "file", KEYRING)

    assert vault.size == size
    assert not vault.is_cut
    assert await vault.read(0, size) == PLAINTEXT[:size]


@pytest.mark.parametrize("size", [5 * CHUNK, 5 * CHUNK + 1])
async def test_every_range_is_the_slice(size: int) -> None:
    plaintext = PLAINTEXT[:size]
    vault = await open_vault(MemoryBlobs(file=sealed(plaintext)), "file", KEYRING)
    edges = sorted({0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, size - 1, size, size + 9})

    for start in edges:
        for end in edges:
            assert await vault.read(start, end) == plaintext[start:end], (start, end)


async def test_a_range_does_not_read_the_whole() -> None:
    plaintext = secrets.token_bytes(2_000_000)
    blobs = MemoryBlobs(file=sealed(plaintext, chunk_bytes=4096))
    vault = await open_vault(blobs, "file", KEYRING)

    assert await vault.read(1_000_000, 1_000_100) == plaintext[1_000_000:1_000_100]
    assert blobs.read_bytes < 4 * 4096


def test_nothing_of_the_plaintext_is_in_the_file_and_no_two_files_are_alike() -> None:
    plaintext = b"the same words " * 100

    assert b"same" not in sealed(plaintext)
    assert sealed(plaintext)[HEADER_BYTES:] != sealed(plaintext)[HEADER_BYTES:]
    chunks = sealed(bytes(CHUNK * 2))[HEADER_BYTES:]
    assert chunks[:CHUNK] != chunks[CHUNK + TAG_BYTES :][:CHUNK]


# -- tampering -----------------------------------------------------------------------------------


async def test_a_change_of_any_byte_is_noticed() -> None:
    file = sealed(PLAINTEXT[: 2 * CHUNK + 5])
    for at in range(len(file)):
        changed = bytearray(file)
        changed[at] ^= 1
        with pytest.raises((VaultDamaged, VaultKeyUnknown)):
            await opened(bytes(changed))


async def test_every_shortening_is_noticed_when_it_is_opened() -> None:
    file = sealed(PLAINTEXT[: 3 * CHUNK])
    for size in range(len(file)):
        with pytest.raises(VaultDamaged):
            await open_vault(MemoryBlobs(file=file[:size]), "file", KEYRING)


async def test_exchanged_repeated_and_appended_chunks_are_noticed() -> None:
    file = sealed(PLAINTEXT)
    step = CHUNK + TAG_BYTES
    header, body = file[:HEADER_BYTES], file[HEADER_BYTES:]
    first, second, rest = body[:step], body[step : 2 * step], body[2 * step :]
    others = sealed(PLAINTEXT)[HEADER_BYTES:]

    for wrong in (
        second + first + rest,
        first + first + rest,
        second + rest,
        others[:step] + second + rest,
        body + first,
        body + bytes(TAG_BYTES),
    ):
        with pytest.raises(VaultDamaged):
            await opened(header + wrong)


@pytest.mark.parametrize("file", [b"", b"OggS", b"OggS" * 100, bytes(1000)])
async def test_another_kind_of_file_is_refused(file: bytes) -> None:
    with pytest.raises(VaultDamaged):
        await opened(file)


async def test_a_missing_file_is_not_found() -> None:
    blobs = MemoryBlobs()
    blobs.files["file"] = sealed(PLAINTEXT)
    vault = await open_vault(blobs, "file", KEYRING)
    await blobs.delete("file")

    with pytest.raises(NotFound):
        await vault.read(0, 10)


# -- keys ----------------------------------------------------------------------------------------


async def test_old_keys_still_decrypt_and_the_newest_encrypts() -> None:
    both = Keyring([OTHER, KEY])

    assert both.newest is OTHER
    assert await opened(sealed(PLAINTEXT, KEY), both) == PLAINTEXT
    assert await opened(sealed(PLAINTEXT, OTHER), both) == PLAINTEXT


async def test_an_unknown_key_is_named_by_its_id_alone() -> None:
    with pytest.raises(VaultKeyUnknown) as caught:
        await opened(sealed(PLAINTEXT, OTHER))

    assert OTHER.id in caught.value.message
    assert caught.value.key_id == OTHER.id
    shown = repr(OTHER) + str(caught.value)
    assert OTHER.material.hex() not in shown
    assert repr(OTHER.material) not in shown


def with_keys(data_dir: Path, *materials: bytes, joint: str = ",") -> Settings:
    keys = joint.join(base64.b64encode(material).decode() for material in materials)
    return Settings(data_dir=data_dir, recording=RecordingSettings(keys=SecretStr(keys)))


def test_keys_come_from_the_settings_newest_first(tmp_path: Path) -> None:
    keyring = load_or_create_keyring(with_keys(tmp_path, OTHER.material, KEY.material, joint=" , "))

    assert keyring.newest == OTHER
    assert keyring.find(KEY.id) == KEY
    assert list(tmp_path.iterdir()) == []


def test_a_key_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "data")
    made = load_or_create_keyring(settings).newest

    assert load_or_create_keyring(settings).newest == made
    (path,) = (tmp_path / "data").iterdir()
    assert path.name == "recording.key"
    assert path.stat().st_mode & 0o077 == 0


def test_the_made_key_still_decrypts_once_the_settings_have_one(tmp_path: Path) -> None:
    made = load_or_create_keyring(Settings(data_dir=tmp_path)).newest
    keyring = load_or_create_keyring(with_keys(tmp_path, KEY.material))

    assert keyring.newest == KEY
    assert keyring.find(made.id) == made


@pytest.mark.parametrize("wrong", ["short", base64.b64encode(bytes(31)).decode(), "é" * 43])
def test_a_wrong_key_is_refused_by_its_place(tmp_path: Path, wrong: str) -> None:
    good = base64.b64encode(KEY.material).decode()
    recording = RecordingSettings(keys=SecretStr(f"{good},{wrong}"))

    with pytest.raises(SettingsInvalid, match="Key 2") as caught:
        load_or_create_keyring(Settings(data_dir=tmp_path, recording=recording))
    assert wrong not in caught.value.message + caught.value.hint


def test_a_damaged_key_file_stops_the_start(tmp_path: Path) -> None:
    (tmp_path / "recording.key").write_text("not a key\n")

    with pytest.raises(StartupFailed, match="damaged"):
        load_or_create_keyring(Settings(data_dir=tmp_path))


# -- files ---------------------------------------------------------------------------------------


def write_file(path: Path, plaintext: bytes, *, is_finished: bool) -> None:
    writer = VaultWriter(path, KEY, chunk_bytes=CHUNK)
    writer.append(plaintext)
    writer.sync()
    if is_finished:
        writer.finish()
    writer.close()


def mended(path: Path) -> bytes:
    spooled = examine_file(path, KEYRING)
    return path.read_bytes()[: spooled.kept_bytes] + spooled.end


async def test_a_finished_file_is_whole_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "file"
    write_file(path, PLAINTEXT, is_finished=True)
    spooled = examine_file(path, KEYRING)

    assert spooled.is_whole
    assert spooled.key_id == KEY.id
    assert PLAINTEXT.startswith(spooled.head)
    assert PLAINTEXT.endswith(spooled.tail)
    assert await opened(path.read_bytes()) == PLAINTEXT


@pytest.mark.parametrize("torn_bytes", [0, 1, TAG_BYTES, CHUNK, CHUNK + TAG_BYTES - 1])
@pytest.mark.parametrize("filler", ["random", "zeros"])
async def test_a_file_without_its_end_has_all_whole_chunks(
    tmp_path: Path, torn_bytes: int, filler: str
) -> None:
    path = tmp_path / "file"
    write_file(path, PLAINTEXT, is_finished=False)
    with path.open("ab") as file:  # what a crash or a power cut may leave behind
        file.write(secrets.token_bytes(torn_bytes) if filler == "random" else bytes(torn_bytes))
    whole = PLAINTEXT[: len(PLAINTEXT) // CHUNK * CHUNK]

    vault = await open_vault(MemoryBlobs(file=mended(path)), "file", KEYRING)

    assert vault.is_cut
    assert await vault.read(0, vault.size) == whole


async def test_blocks_that_a_power_cut_left_unwritten_are_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "file"
    write_file(path, PLAINTEXT, is_finished=False)
    step = CHUNK + TAG_BYTES
    with path.open("r+b") as file:
        file.seek(HEADER_BYTES + 7 * step + 5)
        file.write(bytes(3 * step))

    assert await opened(mended(path)) == PLAINTEXT[: 7 * CHUNK]


@pytest.mark.parametrize("size", [0, 10, HEADER_BYTES, HEADER_BYTES + CHUNK])
def test_a_file_without_one_whole_chunk_is_nothing(tmp_path: Path, size: int) -> None:
    path = tmp_path / "file"
    write_file(path, PLAINTEXT, is_finished=False)
    with path.open("r+b") as file:
        file.truncate(size)

    with pytest.raises(VaultDamaged):
        examine_file(path, KEYRING)


class SmallDisk(FileIO):
    """Takes 500 bytes, in pieces, and is full then."""

    def write(self, data: Any, /) -> int:  # noqa: ANN401 -- a buffer; 3.11 has no name for it
        room = 500 - self.tell()
        if room <= 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        return super().write(bytes(data[: min(room, 100)]))


async def test_a_full_disk_leaves_whole_chunks(tmp_path: Path) -> None:
    path = tmp_path / "file"
    writer = VaultWriter(path, KEY, chunk_bytes=CHUNK, open_file=lambda path: SmallDisk(path, "w+"))
    with pytest.raises(OSError, match="space"):
        writer.append(PLAINTEXT)
    writer.close()

    chunks = (500 - HEADER_BYTES) // (CHUNK + TAG_BYTES)
    assert path.stat().st_size == HEADER_BYTES + chunks * (CHUNK + TAG_BYTES)
    assert await opened(mended(path)) == PLAINTEXT[: chunks * CHUNK]
