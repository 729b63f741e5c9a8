"""The AsyncAPI 3.0 document of the room's protocol, made from the models that parse it.

`python -m agent.asyncapi` prints it; `web/static/asyncapi.json` keeps what it printed, and a test
tells when the two differ.
"""

from __future__ import annotations

import functools
import inspect
import json
import re
import sys
from dataclasses import dataclass
from typing import Literal, get_args

from pydantic import BaseModel, JsonValue
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from agent import limits
from sessions import opus_packet, protocol
from sessions.protocol import CloseCode, Codec

Tree = dict[str, JsonValue]

ROOM_PATH = "/v1/rooms/{interview_id}"
_SCHEMAS = "#/components/schemas/"
_MESSAGES = "#/components/messages/"
_CHANNEL = "#/channels/room"

CLOSINGS: dict[CloseCode, tuple[str, str]] = {
    CloseCode.ENDED: ("the interview is over", "do not come back; read the report"),
    CloseCode.GRANT_INVALID: ("the room token is not good", "fetch a new one, then come back"),
    CloseCode.PROTOCOL: (
        "the first message was no hello, or the version is not spoken here",
        "correct the client",
    ),
    CloseCode.TAKEN_OVER: (
        "the same candidate opened the room elsewhere",
        "do not come back by itself",
    ),
    CloseCode.FLOODING: (
        "too much, too fast, or what was sent is not read",
        "come back more slowly",
    ),
    CloseCode.ROOMS_FULL: ("all rooms are in use", "try again in a few minutes"),
    CloseCode.NO_RECOGNISER: ("the server cannot recognise speech", "type instead"),
    CloseCode.SHUTTING_DOWN: ("the server is going down", "come back in a moment"),
    CloseCode.NOT_FOUND: ("there is no such interview", "start again from the dashboard"),
    CloseCode.FAILED: ("the room broke; everything finished is kept", "come back"),
}
"""Why, and what next."""

_STANDARD_CLOSINGS = (
    (1009, "MESSAGE_TOO_BIG", "a frame past its size", "correct the client"),
    (1011, "KEEPALIVE", "a ping of the WebSocket itself was not answered", "come back"),
)


@dataclass(frozen=True, slots=True)
class HeaderField:
    """A field of the audio header. `offset` and `size` in bytes; little-endian, unsigned."""

    name: str
    offset: int
    size: int
    meaning: str
    values: tuple[int, ...] = ()


HEADER = (
    HeaderField("kind", 0, 1, "1: audio", (protocol.AUDIO,)),
    HeaderField("codec", 1, 1, "1: PCM16, 2: Opus", tuple(codec.value for codec in Codec)),
    HeaderField(
        "rate",
        2,
        2,
        "sample rate in hundreds of Hz; of Opus always 480, its clock",
        tuple(rate_hz // 100 for rate_hz in protocol.RATES_HZ),
    ),
    HeaderField("utterance", 4, 4, "the number in say; 0 from the client"),
    HeaderField("sequence", 8, 4, "from 0, per direction and socket"),
    HeaderField(
        "timestamp", 12, 4, "ms: place in the utterance; from the client, since its first frame"
    ),
)


def messages_of(union: object) -> list[type[BaseModel]]:
    """The models of ClientMessage or ServerMessage."""
    return list(get_args(get_args(union)[0]))


def name_of(message: type[BaseModel]) -> str:
    return message.model_fields["type"].default


def build_document() -> Tree:
    client = messages_of(protocol.ClientMessage)
    server = messages_of(protocol.ServerMessage)
    names = [*map(name_of, client), "audio_up", *map(name_of, server), "audio_down"]
    return {
        "asyncapi": "3.0.0",
        "info": _info(),
        "defaultContentType": "application/json",
        "servers": {
            "gateway": {
                "host": "localhost:8081",
                "protocol": "wss",
                "description": "The address comes from the companion, with the token for hello.",
            }
        },
        "channels": {
            "room": {
                "address": ROOM_PATH,
                "description": "One candidate's socket to the room of one interview.",
                "servers": [{"$ref": "#/servers/gateway"}],
                "parameters": {"interview_id": {"description": "The interview, a UUID."}},
                "messages": {name: {"$ref": _MESSAGES + name} for name in names},
                "bindings": {"ws": {"method": "GET"}},
                "x-close-codes": _close_codes(),
                "x-limits": _limits(),
            }
        },
        "operations": {
            "hear": _operation("receive", "What a client sends.", names[: len(client) + 1]),
            "tell": _operation("send", "What the gateway sends.", names[len(client) + 1 :]),
        },
        "components": {
            "messages": {
                **{name_of(message): _message(message) for message in (*client, *server)},
                "audio_up": _audio_message("The candidate's voice, in frames of 20 to 60 ms."),
                "audio_down": _audio_message(
                    "The interviewer's voice: PCM16 at 24 kHz, or Opus when welcome says so."
                ),
            },
            "schemas": _schemas(client, server),
        },
    }


def _info() -> Tree:
    return {
        "title": "Vivavoce: the room's socket",
        "version": str(protocol.VERSION),
        "description": (
            "The first message is hello, within 5 s; it is answered by welcome, or by error and a "
            "close. Text frames are JSON, binary frames audio with a 16-byte header. hello says "
            "what the client sends and plays, the preferred codec first; welcome says what was "
            "agreed. PCM16 is always taken, and each frame's header says what it is."
        ),
        "license": {"name": "Apache-2.0"},
    }


def _operation(action: Literal["send", "receive"], summary: str, names: list[str]) -> Tree:
    return {
        "action": action,
        "summary": summary,
        "channel": {"$ref": _CHANNEL},
        "messages": [{"$ref": f"{_CHANNEL}/messages/{name}"} for name in names],
    }


def _message(message: type[BaseModel]) -> Tree:
    own = message.__dict__.get("__doc__")
    description = re.sub(r"\s+", " ", inspect.cleandoc(own)) if own else ""
    described: Tree = {"description": description} if description else {}
    return {
        "name": name_of(message),
        "title": message.__name__,
        **described,
        "payload": {"$ref": _SCHEMAS + message.__name__},
    }


def _audio_message(summary: str) -> Tree:
    return {
        "name": "audio",
        "summary": summary,
        "contentType": "application/octet-stream",
        "payload": {"type": "string", "format": "binary"},
        "x-header": {
            "bytes": protocol.HEADER_BYTES,
            "byteOrder": "little-endian",
            "fields": [
                {
                    "name": field.name,
                    "offset": field.offset,
                    "size": field.size,
                    "meaning": field.meaning,
                    **({"values": list(field.values)} if field.values else {}),
                }
                for field in HEADER
            ],
        },
        "x-payload": {
            "pcm16": "signed 16-bit little-endian samples, mono",
            "opus": "one mono packet (RFC 6716) of 20, 40 or 60 ms; what an utterance's first "
            "packets decode to begins with 6.5 ms of the encoder's own delay, to be dropped",
        },
    }


def _close_codes() -> list[JsonValue]:
    own = [(code.value, code.name, why, then) for code, (why, then) in CLOSINGS.items()]
    return [
        {"code": code, "name": name, "why": why, "next": then}
        for code, name, why, then in (*own, *_STANDARD_CLOSINGS)
    ]


def _limits() -> Tree:
    return {
        "hello_within_s": limits.HELLO_LIMIT_S,
        "text_bytes": protocol.MAX_TEXT_BYTES,
        "audio_frame_bytes": protocol.MAX_AUDIO_BYTES,
        "opus_packet_bytes": opus_packet.MAX_PACKET_BYTES,
        "opus_packet_ms": list(opus_packet.DURATIONS_MS),
        "text_messages_per_s": limits.MAX_PER_SECOND,
        "audio_pace": limits.AUDIO_PACE,
        "audio_burst_ms": limits.AUDIO_BURST_MS,
        "audio_frame_least_ms": limits.LEAST_FRAME_MS,
        "refused_messages": limits.MAX_REFUSED,
        "unread_messages": limits.MAX_WAITING,
        "ping_every_s": limits.PING_INTERVAL_S,
        "pong_within_s": limits.PING_TIMEOUT_S,
    }


def _schemas(client: list[type[BaseModel]], server: list[type[BaseModel]]) -> Tree:
    """Both sides as they travel: with their `type`, and the server's with every field."""
    modes: list[tuple[type[BaseModel], JsonSchemaMode]] = [
        *((model, "validation") for model in client),
        *((model, "serialization") for model in server),
    ]
    _, made = models_json_schema(modes, ref_template=_SCHEMAS + "{model}")
    schemas: dict[str, Tree] = made["$defs"]
    for model in client:
        required = schemas[model.__name__].get("required")
        others = [name for name in required if name != "type"] if isinstance(required, list) else []
        schemas[model.__name__]["required"] = ["type", *others]
    for model in server:
        schemas[model.__name__]["required"] = list(model.model_fields)
    return dict(schemas)


@functools.cache
def document_json() -> str:
    """As it is served and kept."""
    return json.dumps(build_document(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.stdout.write(document_json())
