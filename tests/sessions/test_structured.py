"""A model asked for data: what fits, what does not, and endpoints that do not answer."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

import pytest
from pydantic import BaseModel, SecretStr

from sessions.errors import ProviderUnavailable, SettingsInvalid
from sessions.infra.endpoints import Endpoint
from sessions.infra.structured import TRIES, StructuredModel, open_structured
from sessions.settings import EndpointSettings
from tests.emulators.openai_json import KEY, MODEL, Answer, Asked, JsonEmulator, open_json, saying

pytestmark = pytest.mark.sockets

FITS = saying({"colour": "green"})
DOES_NOT_FIT = saying({"colour": 7})


class Painted(BaseModel):
    colour: str


class Script:
    """A mind that answers with the next of a list, the last one again and again."""

    def __init__(self, *answers: Answer) -> None:
        self._answers = list(answers)

    def __call__(self, asked: Asked) -> Answer:
        return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]


@asynccontextmanager
async def opened(
    *scripts: Sequence[Answer], timeout_s: float = 5, key: str = KEY
) -> AsyncGenerator[tuple[StructuredModel, list[JsonEmulator]]]:
    """A model with an endpoint for each script: "first", "second"."""
    async with AsyncExitStack() as stack:
        emulators = [await stack.enter_async_context(open_json(Script(*one))) for one in scripts]
        endpoints = [
            Endpoint(name=name, base_url=emulator.url, api_key=key, llm_model=MODEL)
            for name, emulator in zip(("first", "second"), emulators, strict=False)
        ]
        model = StructuredModel(endpoints, timeout_s=timeout_s)
        stack.push_async_callback(model.aclose)
        yield model, emulators


async def test_an_answer_that_fits_comes_back_with_what_it_took() -> None:
    async with opened([FITS]) as (model, (emulator,)):
        painted, told = await model.ask("Name it.", {"thing": "grass"}, Painted, temperature=0.7)
    assert painted == Painted(colour="green")
    assert (told.endpoint, told.model) == ("first", MODEL)
    assert (told.input_tokens, told.output_tokens) == (100, 10)
    (asked,) = emulator.asked
    assert asked.data == {"thing": "grass"}
    assert asked.temperature == 0.7
    assert asked.system.startswith("Name it.")
    assert json.dumps(Painted.model_json_schema()) in asked.system
    assert "grass" not in asked.system


@pytest.mark.parametrize(
    "odd",
    [
        DOES_NOT_FIT,
        saying({}),
        saying([1]),
        Answer(content='{"colour": "gre'),
        Answer(content="I would rather not."),
        Answer(content=""),
        Answer(content=None),
        Answer(body='{"choices": []}'),
        Answer(body='{"error": "busy"}'),
        Answer(body="[]"),
        Answer(body="{", content_type="application/json"),
        Answer(body="<html>Sign in</html>", content_type="text/html"),
    ],
)
async def test_one_that_does_not_fit_is_asked_for_again(odd: Answer) -> None:
    async with opened([odd, FITS]) as (model, (emulator,)):
        painted, _ = await model.ask("Name it.", {}, Painted)
    assert painted.colour == "green"
    assert len(emulator.asked) == 2


async def test_the_tokens_of_one_that_did_not_fit_are_counted() -> None:
    async with opened([DOES_NOT_FIT, FITS]) as (model, _):
        _, told = await model.ask("Name it.", {}, Painted)
    assert (told.input_tokens, told.output_tokens) == (200, 20)


async def test_one_without_a_count_of_tokens_is_taken() -> None:
    async with opened([Answer(content='{"colour": "green"}', usage=None)]) as (model, _):
        _, told = await model.ask("Name it.", {}, Painted)
    assert (told.input_tokens, told.output_tokens) == (0, 0)


@pytest.mark.parametrize("fence", ["```json\n{}\n```", "```\n{}\n```", "\n```JSON {} ``` \n"])
async def test_a_fence_around_the_answer_is_taken_off(fence: str) -> None:
    content = fence.replace("{}", '{"colour": "green"}')
    async with opened([Answer(content=content)]) as (model, (emulator,)):
        painted, _ = await model.ask("Name it.", {}, Painted)
    assert painted.colour == "green"
    assert len(emulator.asked) == 1


async def test_after_answers_that_never_fit_the_next_endpoint_is_asked() -> None:
    async with opened([DOES_NOT_FIT], [FITS]) as (model, (first, second)):
        painted, told = await model.ask("Name it.", {}, Painted)
    assert (painted.colour, told.endpoint) == ("green", "second")
    assert (len(first.asked), len(second.asked)) == (TRIES, 1)
    assert told.input_tokens == 100, "each endpoint's tokens are its own"


@pytest.mark.parametrize("status", [400, 401, 403, 404, 429, 500, 503])
async def test_an_endpoint_that_refuses_is_left_for_the_next(status: int) -> None:
    async with opened([Answer(status=status)], [FITS]) as (model, _):
        _, told = await model.ask("Name it.", {}, Painted)
    assert told.endpoint == "second"


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (Answer(status=401), "first: it answered with the status 401"),
        (Answer(status=429), "first: it answered with the status 429"),
        (Answer(status=500), "first: it answered with the status 500"),
        (Answer(content="{}", is_cut=True), "first: APIConnectionError"),
        (DOES_NOT_FIT, "first: 1 faults in its answer; first: 1 faults in its answer"),
    ],
)
async def test_without_another_endpoint_it_says_why(answer: Answer, reason: str) -> None:
    async with opened([answer]) as (model, _):
        with pytest.raises(ProviderUnavailable) as caught:
            await model.ask("Name it.", {}, Painted)
    assert caught.value.reason == reason


async def test_silence_ends_with_the_time_allowed() -> None:
    async with opened([Answer(is_silent=True)], [FITS], timeout_s=0.3) as (model, _):
        _, told = await model.ask("Name it.", {}, Painted)
    assert told.endpoint == "second"


async def test_a_wrong_key_is_told_and_not_shown() -> None:
    async with opened([FITS], key="another-key") as (model, _):
        with pytest.raises(ProviderUnavailable) as caught:
            await model.ask("Name it.", {}, Painted)
    assert "401" in caught.value.message
    assert "another-key" not in caught.value.message


async def test_what_a_model_said_is_in_no_log_and_no_error(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with opened([saying({"colour": ["what the candidate said"]})]) as (model, _):
        with pytest.raises(ProviderUnavailable) as caught:
            await model.ask("Name it.", {"text": "a secret answer"}, Painted)
    assert "candidate" not in caught.value.message + caplog.text
    assert "secret" not in caplog.text


async def test_data_is_given_as_it_is_also_in_no_encoding() -> None:
    text = 'नमस्ते \u202e "}] \u2028 \U0001f600 \ud800 end'
    async with opened([FITS]) as (model, (emulator,)):
        await model.ask("Name it.", {"text": text}, Painted)
    assert emulator.asked[0].data == {"text": text.replace("\ud800", "?")}


async def test_with_no_endpoint_nothing_is_asked() -> None:
    model = StructuredModel([], timeout_s=1)
    assert model.model == ""
    with pytest.raises(ProviderUnavailable) as caught:
        await model.ask("Name it.", {}, Painted)
    assert caught.value.reason == "no endpoint is named"
    await model.aclose()


async def test_endpoints_are_opened_by_their_names() -> None:
    settings = {
        "own": EndpointSettings(base_url="http://localhost:9/v1", llm_model="own-1"),
        "openai": EndpointSettings(api_key=SecretStr("k")),
    }
    model = open_structured(["own", "openai"], settings, timeout_s=1, key="interview.judge")
    assert model.model == "own-1"
    await model.aclose()


@pytest.mark.parametrize("name", ["nobody", "vllm"])
def test_an_endpoint_without_a_language_model_is_refused(name: str) -> None:
    with pytest.raises(SettingsInvalid, match=f"interview.judge names {name}"):
        open_structured([name], {}, timeout_s=1, key="interview.judge")
