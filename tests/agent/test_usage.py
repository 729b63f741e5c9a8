"""What a room used of its providers, added up and priced."""

from __future__ import annotations

import pytest

from agent.usage import UsageMeter, Used
from sessions.settings import CostSettings, PriceSettings

NOW_MS = 1_800_000_000_000

COSTS = CostSettings(
    currency="EUR",
    prices={
        "deepgram:nova-3": PriceSettings(audio_minute=0.0077),
        "openai:speech": PriceSettings(characters_1k=0.015),
        "openai:model": PriceSettings(input_tokens_1m=0.15, output_tokens_1m=0.6),
    },
)


@pytest.fixture
def meter() -> UsageMeter:
    return UsageMeter(COSTS)


def heard(audio_ms: int) -> Used:
    return Used(component="stt", provider="deepgram", model="nova-3", audio_ms=audio_ms)


def test_nothing_used_is_nothing_counted(meter: UsageMeter) -> None:
    assert meter.taken(NOW_MS) == []


def test_uses_of_one_model_add_up(meter: UsageMeter) -> None:
    for audio_ms in (1_000, 20_500):
        meter.add(heard(audio_ms))
    meter.add(
        Used(
            component="interviewer",
            provider="openai",
            model="model",
            input_tokens=700,
            output_tokens=40,
        )
    )
    meter.add(heard(500))

    stt, interviewer = meter.taken(NOW_MS)

    assert (stt.component, stt.provider, stt.model) == ("stt", "deepgram", "nova-3")
    assert (stt.audio_ms, stt.at_ms) == (22_000, NOW_MS)
    assert (interviewer.input_tokens, interviewer.output_tokens) == (700, 40)


def test_what_was_counted_is_not_counted_again(meter: UsageMeter) -> None:
    meter.add(heard(1_000))
    meter.taken(NOW_MS)
    meter.add(heard(200))

    (counted,) = meter.taken(NOW_MS)

    assert counted.audio_ms == 200
    assert meter.taken(NOW_MS) == []


@pytest.mark.parametrize(
    ("used", "cost_micros"),
    [
        (heard(60_000), 7_700),
        (heard(1), 0),
        (heard(30 * 60_000), 231_000),
        (Used(component="tts", provider="openai", model="speech", characters=2_000), 30_000),
        (
            Used(
                component="interviewer",
                provider="openai",
                model="model",
                input_tokens=1_000_000,
                output_tokens=500_000,
            ),
            450_000,
        ),
    ],
)
def test_it_costs_what_the_prices_say(meter: UsageMeter, used: Used, cost_micros: int) -> None:
    meter.add(used)
    (counted,) = meter.taken(NOW_MS)
    assert (counted.cost_micros, counted.currency, counted.is_priced) == (cost_micros, "EUR", True)


def test_small_uses_are_priced_together(meter: UsageMeter) -> None:
    """Each alone would be rounded to nothing."""
    for _ in range(1_000):
        meter.add(heard(1))
    (counted,) = meter.taken(NOW_MS)
    assert counted.cost_micros == 128


def test_what_has_no_price_is_counted_and_said_to_have_none(meter: UsageMeter) -> None:
    meter.add(Used(component="tts", provider="espeak", model="espeak", characters=500))
    meter.add(Used(component="stt", provider="deepgram", model="nova-2", audio_ms=500))
    for counted in meter.taken(NOW_MS):
        assert (counted.cost_micros, counted.currency, counted.is_priced) == (0, "", False)


def test_a_price_of_nothing_is_a_price() -> None:
    meter = UsageMeter(CostSettings(prices={"espeak:espeak": PriceSettings()}))
    meter.add(Used(component="tts", provider="espeak", model="espeak", characters=500))
    (counted,) = meter.taken(NOW_MS)
    assert (counted.cost_micros, counted.currency, counted.is_priced) == (0, "USD", True)
