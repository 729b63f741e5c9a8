"""`vivavoce talk`: an interview from the terminal, over the same HTTP and socket as the page.

It speaks WAV files in real time, or sends typed lines, when it is its turn; what it has left
unsaid at the end it skips. Nothing of it is a back door: it signs up, gets a room token, says
hello and consents like anyone.
"""

from __future__ import annotations

import asyncio
import contextlib
import getpass
import json
import secrets
from collections import deque
from typing import Any

import aiohttp
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from agent.playhead import Playhead
from agent.talk_options import Spoken, TalkOptions
from agent.talk_report import summarise, told_of
from sessions import protocol
from sessions.errors import VivavoceError
from sessions.protocol import CloseCode, RoomState

FRAME_MS = 40
HTTP_LIMIT_S = 30
QUIET_LIMIT_S = 90
"""Without any message from the server for so long, something is wrong."""


class TalkFailed(VivavoceError):
    code = "talk_failed"


class TalkRefused(VivavoceError):
    """The server cannot do what was asked: exit 2."""

    code = "talk_refused"


async def talk(options: TalkOptions) -> int:
    """Exit code: 0 the interview ended and its report was read, 1 it failed, 2 refused."""
    timeout = aiohttp.ClientTimeout(total=HTTP_LIMIT_S)
    jar = aiohttp.CookieJar(unsafe=True)  # a server on an IP address sets cookies too
    printer = _Printer(as_json=options.as_json)
    try:
        async with aiohttp.ClientSession(options.server, timeout=timeout, cookie_jar=jar) as http:
            companion = _Companion(http)
            await companion.sign_in(options.email)
            interview = await companion.set_up(options)
            room = await companion.open_room(interview["id"])
            await _Conversation(options, printer).hold(room["url"], room["token"])
            report = await companion.read_report(interview["id"])
    except TalkRefused as exc:
        printer.fail(exc)
        return 2
    except aiohttp.ClientError as exc:
        raise TalkFailed(
            f"The server {options.server} cannot be reached: {exc}.",
            hint="Is `vivavoce run` running there?",
        ) from exc
    printer.finish(f"{options.server}/interviews/{interview['id']}/report", options.email, report)
    return 0


class _Companion:
    """The HTTP half: an account, an interview, a room token, the report."""

    def __init__(self, http: aiohttp.ClientSession) -> None:
        self._http = http
        self._csrf = ""

    async def sign_in(self, email: str) -> None:
        self._csrf = (await self._call("GET", "session"))["csrf"]
        if email:
            password = await asyncio.to_thread(getpass.getpass, f"Password of {email}: ")
            answer = await self._call("POST", "session", {"email": email, "password": password})
        else:
            answer = await self._call(
                "POST",
                "accounts",
                {
                    "name": "Terminal",
                    "email": f"talk-{secrets.token_hex(8)}@example.invalid",
                    "password": secrets.token_urlsafe(18),
                },
            )
        self._csrf = answer["csrf"]

    async def set_up(self, options: TalkOptions) -> dict[str, Any]:
        return await self._call("POST", "interviews", options.interview())

    async def open_room(self, interview_id: str) -> dict[str, Any]:
        return await self._call("POST", f"interviews/{interview_id}/room", {})

    async def read_report(self, interview_id: str) -> dict[str, Any]:
        return await self._call("GET", f"interviews/{interview_id}/report")

    async def _call(
        self, method: str, path: str, body: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        headers = {"X-CSRF-Token": self._csrf}
        async with self._http.request(
            method, f"/api/v1/{path}", json=body, headers=headers
        ) as answer:
            content = await answer.json(content_type=None)
            if answer.status >= 400:
                fields: dict[str, str] = content.get("fields") or {}
                details = " ".join(f"{name}: {sentence}" for name, sentence in fields.items())
                raise TalkFailed(f"{content.get('detail', answer.reason)} {details}".strip())
            return content


class _Conversation:
    """The socket half: listens, and answers when it is its turn."""

    def __init__(self, options: TalkOptions, printer: _Printer) -> None:
        self._turns: deque[Spoken | str] = deque(options.turns)
        self._speaks = options.speaks
        self._printer = printer
        self._playhead = Playhead(is_real_time=options.speaks)
        self._speech: asyncio.Queue[Spoken] = asyncio.Queue(maxsize=1)
        self._typed = 0
        self._is_over = False

    async def hold(self, url: str, token: str) -> None:
        """Until the server says that the interview has ended."""
        try:
            socket = await connect(url, max_size=None, compression=None)
        except OSError as exc:
            raise TalkFailed(f"The room cannot be reached: {exc}.") from exc
        hello = protocol.Hello(
            v=protocol.VERSION,
            token=token,
            client="vivavoce talk",
            needs_recogniser=self._speaks,
        )
        async with socket:
            await socket.send(hello.model_dump_json())
            try:
                await self._take_part(socket)
            except* VivavoceError as group:
                raise group.exceptions[0] from None

    async def _take_part(self, socket: ClientConnection) -> None:
        async with asyncio.TaskGroup() as tasks:
            helpers = [tasks.create_task(self._acknowledge(socket))]
            if self._speaks:
                helpers.append(tasks.create_task(self._stream(socket)))
            try:
                await self._listen(socket)
            finally:
                for helper in helpers:
                    helper.cancel()

    async def _listen(self, socket: ClientConnection) -> None:
        try:
            while not self._is_over:
                async with asyncio.timeout(QUIET_LIMIT_S):
                    data = await socket.recv()
                if isinstance(data, bytes):
                    self._playhead.receive(protocol.AudioFrame.from_bytes(data))
                else:
                    await self._handle(socket, protocol.parse_server(data))
        except TimeoutError as exc:
            raise TalkFailed(f"The server has been silent for {QUIET_LIMIT_S} s.") from exc
        except ConnectionClosed as exc:
            code = exc.rcvd.code if exc.rcvd else 1006
            if code == CloseCode.NO_RECOGNISER:
                raise TalkRefused(
                    "This server has no recogniser for speech that a program sends.",
                    hint="Use --line, or set speech.stt in the server's config.yaml.",
                ) from exc
            if code != CloseCode.ENDED:
                raise TalkFailed(f"The room closed the connection: {exc}.") from exc

    async def _handle(self, socket: ClientConnection, message: protocol.ServerMessage) -> None:
        self._printer.show(message)
        match message:
            case protocol.Welcome() if not message.consented:
                consent = protocol.Consent(
                    text_version=protocol.CONSENT_VERSION, transcript=True, recording=False
                )
                await socket.send(consent.model_dump_json())
            case protocol.SayEnd():
                self._playhead.end(message.utterance, message.audio_ms)
            case protocol.Clear():
                self._playhead.clear(message.utterance)
            case protocol.Hold():
                self._playhead.hold(message.utterance, is_held=message.on)
            case protocol.State(state=RoomState.LISTENING):
                await self._answer(socket)
            case protocol.Ended():
                self._is_over = True
            case _:
                pass

    async def _answer(self, socket: ClientConnection) -> None:
        turn = self._turns.popleft() if self._turns else None
        match turn:
            case Spoken():
                if self._speech.full():  # still speaking: this turn comes after it
                    self._turns.appendleft(turn)
                else:
                    self._speech.put_nowait(turn)
            case str():
                self._typed += 1
                typed = protocol.Typed(id=f"line-{self._typed}", text=turn)
                await socket.send(typed.model_dump_json())
            case None:
                await socket.send(protocol.Ask(what="skip").model_dump_json())

    async def _acknowledge(self, socket: ClientConnection) -> None:
        with contextlib.suppress(ConnectionClosed):  # `_listen` says why
            async for played in self._playhead.reports():
                await socket.send(played.model_dump_json())

    async def _stream(self, socket: ClientConnection) -> None:
        """The microphone: files when there is one to speak, silence in between, in real time."""
        loop = asyncio.get_running_loop()
        began_s, sequence, sent_ms = loop.time(), 0, 0
        speaking: Spoken | None = None
        position = 0
        while True:
            if speaking is None and not self._speech.empty():
                speaking, position = self._speech.get_nowait(), 0
            rate_hz = speaking.rate_hz if speaking else 16_000
            size = rate_hz * FRAME_MS // 1000 * 2
            pcm = speaking.pcm[position : position + size] if speaking else b""
            position += size
            if speaking and position >= len(speaking.pcm):
                speaking = None
            frame = protocol.AudioFrame(rate_hz, 0, sequence, sent_ms, pcm.ljust(size, b"\0"))
            try:
                await socket.send(frame.to_bytes())
            except ConnectionClosed:
                return  # `_listen` says why
            sequence += 1
            sent_ms += FRAME_MS
            await asyncio.sleep(max(began_s + sent_ms / 1000 - loop.time(), 0))


class _Printer:
    def __init__(self, *, as_json: bool) -> None:
        self._as_json = as_json

    def show(self, message: protocol.ServerMessage) -> None:
        if self._as_json:
            print(message.model_dump_json(), flush=True)
            return
        match message:
            case protocol.QuestionShown():
                text = message.probe or message.text
                self._line(f"\n[{message.index + 1}/{message.total}] {text}")
            case protocol.Caption(final=True):
                self._line(f"{message.speaker.value:>11}: {message.text}")
            case protocol.Feedback() if message.filler_total:
                counts = ", ".join(f"{name} {count}" for name, count in message.fillers.items())
                self._line(f"{'fillers':>11}: {counts}")
            case protocol.Notice():
                self._line(f"{message.level:>11}: {message.text}")
            case protocol.Problem():
                self._line(f"{'refused':>11}: {message.message} {message.hint}".rstrip())
            case _:
                pass

    def fail(self, error: VivavoceError) -> None:
        if self._as_json:
            self._line(json.dumps({"type": "error", "code": error.code, "message": error.message}))
        else:
            self._line(f"{error.message} {error.hint}".strip())

    def finish(self, address: str, email: str, report: dict[str, Any]) -> None:
        if self._as_json:
            self._line(json.dumps(summarise(address, email, report)))
        else:
            self._line("\n" + "\n".join(told_of(address, email, report)))

    @staticmethod
    def _line(text: str) -> None:
        print(text, flush=True)
