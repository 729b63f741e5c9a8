"""The AsyncAPI document says what the code does: every message, field, close code and limit."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import jsonschema
import pytest
from pydantic import BaseModel, JsonValue

from agent import limits
from agent.asyncapi import HEADER, build_document, document_json, messages_of, name_of
from sessions import opus_packet, protocol
from sessions.facts import Move, Speaker
from sessions.protocol import AudioFrame, CloseCode, Codec

KEPT = Path(__file__).parents[2] / "web" / "static" / "asyncapi.json"
CLIENT = messages_of(protocol.ClientMessage)
SERVER = messages_of(protocol.ServerMessage)
DOCUMENT = cast("dict[str, Any]", build_document())
ROOM: dict[str, Any] = DOCUMENT["channels"]["room"]

# What AsyncAPI 3.0.0 demands of the parts that are used here (its specification, "Schema").
REFERENCE = {
    "type": "object",
    "required": ["$ref"],
    "additionalProperties": False,
    "properties": {"$ref": {"type": "string", "pattern": "^#/"}},
}
EXTENSIONS: dict[str, JsonValue] = {"^x-": {}}
FORM: dict[str, Any] = {
    "type": "object",
    "required": ["asyncapi", "info"],
    "additionalProperties": False,
    "patternProperties": EXTENSIONS,
    "properties": {
        "asyncapi": {"const": "3.0.0"},
        "info": {
            "required": ["title", "version"],
            "properties": {"title": {"type": "string"}, "version": {"type": "string"}},
        },
        "defaultContentType": {"type": "string"},
        "servers": {
            "additionalProperties": {
                "required": ["host", "protocol"],
                "additionalProperties": False,
                "properties": {
                    "host": {"type": "string"},
                    "protocol": {"enum": ["ws", "wss"]},
                    "description": {"type": "string"},
                },
            }
        },
        "channels": {
            "additionalProperties": {
                "additionalProperties": False,
                "patternProperties": EXTENSIONS,
                "properties": {
                    "address": {"type": "string"},
                    "description": {"type": "string"},
                    "servers": {"type": "array", "items": REFERENCE},
                    "parameters": {"type": "object"},
                    "messages": {"additionalProperties": REFERENCE},
                    "bindings": {"type": "object"},
                },
            }
        },
        "operations": {
            "additionalProperties": {
                "required": ["action", "channel"],
                "additionalProperties": False,
                "properties": {
                    "action": {"enum": ["send", "receive"]},
                    "summary": {"type": "string"},
                    "channel": REFERENCE,
                    "messages": {"type": "array", "items": REFERENCE},
                },
            }
        },
        "components": {
            "additionalProperties": False,
            "properties": {
                "messages": {
                    "additionalProperties": {
                        "additionalProperties": False,
                        "patternProperties": EXTENSIONS,
                        "properties": {
                            "name": {"type": "string"},
                            "title": {"type": "string"},
                            "summary": {"type": "string"},
                            "description": {"type": "string"},
                            "contentType": {"type": "string"},
                            "payload": {"type": "object"},
                        },
                    }
                },
                "schemas": {"additionalProperties": {"type": "object"}},
            },
        },
    },
}


def references(node: JsonValue) -> Iterator[str]:
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "$ref" and isinstance(value, str):
                yield value
            yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


def resolved(reference: str) -> dict[str, Any]:
    node: Any = DOCUMENT
    for part in reference.removeprefix("#/").split("/"):
        node = node[part]
    return node


def schema_of(name: str) -> dict[str, Any]:
    """A message's payload, with all that it refers to."""
    payload = DOCUMENT["components"]["messages"][name]["payload"]
    return {**payload, "components": DOCUMENT["components"]}


def check(name: str, message: JsonValue) -> None:
    jsonschema.Draft202012Validator(schema_of(name)).validate(message)


def test_the_kept_document_is_the_one_the_code_makes() -> None:
    assert KEPT.read_text(encoding="utf-8") == document_json(), (
        "run: python -m agent.asyncapi > web/static/asyncapi.json"
    )


def test_it_has_the_form_of_asyncapi() -> None:
    jsonschema.Draft202012Validator(FORM).validate(DOCUMENT)
    for reference in references(DOCUMENT):
        assert resolved(reference), reference


def test_every_message_is_there_on_its_side() -> None:
    names = [name_of(message) for message in (*CLIENT, *SERVER)]
    assert len(set(names)) == len(names)
    sides = {
        operation["action"]: {one["$ref"].rpartition("/")[2] for one in operation["messages"]}
        for operation in DOCUMENT["operations"].values()
    }

    assert sides["receive"] == {*map(name_of, CLIENT), "audio_up"}
    assert sides["send"] == {*map(name_of, SERVER), "audio_down"}
    assert set(ROOM["messages"]) == sides["receive"] | sides["send"]
    assert set(DOCUMENT["components"]["messages"]) == set(ROOM["messages"])


@pytest.mark.parametrize("message", [*CLIENT, *SERVER], ids=name_of)
def test_every_field_is_there(message: type[BaseModel]) -> None:
    told = DOCUMENT["components"]["messages"][name_of(message)]
    schema = resolved(told["payload"]["$ref"])
    fields = set(message.model_fields)
    needed = {name for name, field in message.model_fields.items() if field.is_required()}

    assert told["name"] == name_of(message)
    assert set(schema.get("properties", {})) == fields
    assert schema["additionalProperties"] is False
    # The server says everything; a client may leave out what has a default, but for the type.
    assert set(schema["required"]) == (fields if message in SERVER else needed | {"type"})
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.Draft7Validator.check_schema(schema)  # what AsyncAPI's own schemas extend


def test_real_messages_fit_and_wrong_ones_do_not() -> None:
    check("hello", {"type": "hello", "v": 1, "token": "t", "sends": ["opus", "pcm16"]})
    check("typed", protocol.Typed(id="1", text="hi").model_dump(mode="json"))
    caption = protocol.Caption(speaker=Speaker.CANDIDATE, id=1, text="um", final=True)
    check("caption", caption.model_dump(mode="json"))
    say = protocol.Say(utterance=1, move=Move.ASK, text="Why?")
    check("say", say.model_dump(mode="json"))
    refused: list[tuple[str, JsonValue]] = [
        ("hello", {"type": "hello", "v": 1}),
        ("hello", {"type": "hello", "v": 1, "token": "t", "plays": ["mp3"]}),
        ("typed", {"type": "typed", "id": "1", "text": ""}),
        ("ping", {"type": "ping", "t": 1, "loud": True}),
        ("ping", {"t": 1}),
        ("pong", {"type": "ping", "t": 1, "server_ms": 1}),
    ]
    for name, wrong in refused:
        with pytest.raises(jsonschema.ValidationError):
            check(name, wrong)


def test_every_close_code_is_there() -> None:
    told = {one["code"]: one for one in ROOM["x-close-codes"]}

    assert {code for code in told if code >= 4000} == {code.value for code in CloseCode}
    for code in CloseCode:
        assert told[code.value]["name"] == code.name
    assert all(one["why"] and one["next"] for one in told.values())


def test_the_audio_header_is_the_one_that_is_written() -> None:
    utterance, sequence, timestamp_ms = 0x01020304, 0x05060708, 0x090A0B0C
    frame = AudioFrame(48_000, utterance, sequence, timestamp_ms, packet=b"\x08").to_bytes()
    told = DOCUMENT["components"]["messages"]["audio_down"]["x-header"]

    assert told["bytes"] == protocol.HEADER_BYTES == len(frame) - 1
    assert [field["name"] for field in told["fields"]] == [field.name for field in HEADER]
    assert sum(field["size"] for field in told["fields"]) == told["bytes"]
    read = {
        field["name"]: int.from_bytes(
            frame[field["offset"] : field["offset"] + field["size"]], "little"
        )
        for field in told["fields"]
    }
    assert read == {
        "kind": protocol.AUDIO,
        "codec": Codec.OPUS.value,
        "rate": 480,
        "utterance": utterance,
        "sequence": sequence,
        "timestamp": timestamp_ms,
    }
    values = {field["name"]: field.get("values") for field in told["fields"]}
    assert values["codec"] == [codec.value for codec in Codec]
    for hundreds in values["rate"]:
        AudioFrame.from_bytes(struct.pack("<BBHIII", 1, 1, hundreds, 0, 0, 0))


def test_every_limit_is_there() -> None:
    told = ROOM["x-limits"]

    assert told["text_bytes"] == protocol.MAX_TEXT_BYTES
    assert told["audio_frame_bytes"] == protocol.MAX_AUDIO_BYTES
    assert told["opus_packet_ms"] == list(opus_packet.DURATIONS_MS)
    # Each number in `limits` is told under some name.
    numbers = {value for name, value in vars(limits).items() if name.isupper()}
    assert numbers - {limits.CLOSE_LIMIT_S} <= {
        value for value in told.values() if not isinstance(value, list)
    }


def test_it_is_one_line_of_json_after_another() -> None:
    assert json.loads(document_json()) == DOCUMENT
