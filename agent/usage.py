"""What a room uses of its providers, and what that costs by the prices in the settings."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sessions.facts import UsageCounted
from sessions.settings import CostSettings, PriceSettings

MS_PER_MINUTE = 60_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """One use. `component` is "stt", "tts" or "interviewer"; `provider` its name in settings."""

    component: str
    provider: str
    model: str
    audio_ms: int = 0
    characters: int = 0
    input_tokens: int = 0
    output_tokens: int = 0


class UsageMeter:
    """Adds up until `taken`, which begins anew."""

    def __init__(self, costs: CostSettings) -> None:
        self._costs = costs
        self._sums: dict[tuple[str, str, str], Used] = {}

    def add(self, used: Used) -> None:
        key = (used.component, used.provider, used.model)
        sum_ = self._sums.get(key)
        if sum_ is None:
            self._sums[key] = used
            return
        self._sums[key] = replace(
            sum_,
            audio_ms=sum_.audio_ms + used.audio_ms,
            characters=sum_.characters + used.characters,
            input_tokens=sum_.input_tokens + used.input_tokens,
            output_tokens=sum_.output_tokens + used.output_tokens,
        )

    def taken(self, now_ms: int) -> list[UsageCounted]:
        """One fact for each model that was used."""
        sums, self._sums = self._sums, {}
        return [self._counted(used, now_ms) for used in sums.values()]

    def _counted(self, used: Used, now_ms: int) -> UsageCounted:
        price = self._costs.prices.get(f"{used.provider}:{used.model}")
        return UsageCounted(
            at_ms=now_ms,
            component=used.component,
            provider=used.provider,
            model=used.model,
            audio_ms=used.audio_ms,
            characters=used.characters,
            input_tokens=used.input_tokens,
            output_tokens=used.output_tokens,
            cost_micros=_cost_micros(used, price) if price is not None else 0,
            currency=self._costs.currency if price is not None else "",
            is_priced=price is not None,
        )


def _cost_micros(used: Used, price: PriceSettings) -> int:
    cost = (
        price.audio_minute * used.audio_ms / MS_PER_MINUTE
        + price.characters_1k * used.characters / 1_000
        + price.input_tokens_1m * used.input_tokens / 1_000_000
        + price.output_tokens_1m * used.output_tokens / 1_000_000
    )
    return round(cost * 1_000_000)
