"""What a person should practise next, from what their finished interviews show. Pure.

A tag is weak when key points of its questions were missing from answers; a question that was not
answered shows nothing. Only the candidate's own words count: see `scoring.evidence`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from server.questions.queries import Card
from sessions.ids import QuestionId
from sessions.plan import InterviewType

RECOMMENDED = 3
WEAK_SHARE = 0.34
"""Of a tag's key points: fewer missing than that is no weakness."""
CLOSE_LEVEL = 2
"""A question this much harder or easier than those answered is still one to practise."""
HALF_SAID = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class PastQuestion:
    """A question that was asked in a finished interview. `missing` counts key points that were
    not heard, and those heard partly as half of one."""

    id: QuestionId
    type: InterviewType
    difficulty: int
    tags: tuple[str, ...]
    roles: tuple[str, ...]
    is_answered: bool
    points: int
    missing: float
    asked_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Recommendation:
    """`tag` is what to focus on; `reason` is one sentence to the person."""

    card: Card
    tag: str
    reason: str


@dataclass(slots=True)
class _Tag:
    """What is known of one person and one tag."""

    name: str
    points: int = 0
    missing: float = 0.0
    difficulties: list[int] = field(default_factory=list[int])
    types: set[InterviewType] = field(default_factory=set[InterviewType])

    @property
    def weakness(self) -> float:
        """The share that is missing, drawn towards a half while little is known."""
        return (self.missing + 1) / (self.points + 2)


def recommend(
    cards: Sequence[Card], past: Sequence[PastQuestion], *, limit: int = RECOMMENDED
) -> list[Recommendation]:
    """At most `limit`, each on another tag, the weakest first; then tags that are new. Empty for
    somebody with no answer yet: there is nothing to go by. `past` has the latest first. Questions
    for other roles than were practised are left out."""
    latest: dict[QuestionId, PastQuestion] = {}
    for question in past:
        latest.setdefault(question.id, question)
    answered = [question for question in latest.values() if question.is_answered]
    if not answered:
        return []
    roles = {role for question in past for role in question.roles}
    cards = [card for card in cards if not card.roles or not roles.isdisjoint(card.roles)]
    tags = _fold(answered)
    chosen: list[Recommendation] = []
    for tag in sorted(tags.values(), key=lambda tag: (-tag.weakness, tag.name)):
        if len(chosen) == limit:
            return chosen
        taken = {recommendation.card.id for recommendation in chosen}
        if tag.missing >= tag.points * WEAK_SHARE and (
            found := _practise(tag, cards, latest, taken)
        ):
            chosen.append(found)
    return chosen + _new_ground(cards, answered, latest, chosen)[: limit - len(chosen)]


def _fold(answered: Sequence[PastQuestion]) -> dict[str, _Tag]:
    tags: dict[str, _Tag] = {}
    for question in answered:
        for name in question.tags:
            tag = tags.setdefault(name, _Tag(name))
            tag.points += question.points
            tag.missing += question.missing
            tag.difficulties.append(question.difficulty)
            tag.types.add(question.type)
    return tags


def _practise(
    tag: _Tag, cards: Sequence[Card], seen: dict[QuestionId, PastQuestion], taken: set[QuestionId]
) -> Recommendation | None:
    """A question on the tag that is new; else the one asked, when half of it was missing."""
    level = sum(tag.difficulties) / len(tag.difficulties)
    on_tag = [
        card
        for card in cards
        if tag.name in card.tags and card.type in tag.types and card.id not in taken
    ]
    fresh = [card for card in on_tag if card.id not in seen]
    near = [card for card in fresh if abs(card.difficulty - level) <= CLOSE_LEVEL] or fresh
    name = tag.name.replace("-", " ")
    heard, points = f"{tag.points - tag.missing:g}", tag.points
    if near:
        card = min(near, key=lambda card: (abs(card.difficulty - level), card.id))
        reason = f"Your answers on {name} had {heard} of {points} key points. This one is new."
        return Recommendation(card=card, tag=tag.name, reason=reason)
    again = [
        card
        for card in on_tag
        if (past := seen.get(card.id)) and past.missing >= past.points * HALF_SAID
    ]
    if not again:
        return None
    card = max(again, key=lambda card: (seen[card.id].missing, card.id))
    past = seen[card.id]
    reason = (
        f"You had {past.points - past.missing:g} of {past.points} key points here last time. "
        "Answer it again, with what was missing."
    )
    return Recommendation(card=card, tag=tag.name, reason=reason)


def _new_ground(
    cards: Sequence[Card],
    answered: Sequence[PastQuestion],
    seen: dict[QuestionId, PastQuestion],
    chosen: Sequence[Recommendation],
) -> list[Recommendation]:
    """Of the type that was practised last: tags that have not been asked, at its usual level."""
    last = max(answered, key=lambda question: question.asked_ms)
    known = {tag for question in seen.values() for tag in question.tags}
    known |= {recommendation.tag for recommendation in chosen}
    found: list[Recommendation] = []
    fresh = [card for card in cards if card.type is last.type and card.id not in seen]
    for card in sorted(fresh, key=lambda card: (abs(card.difficulty - last.difficulty), card.id)):
        tag = next((tag for tag in card.tags if tag not in known), None)
        if tag is None:
            continue
        known.update(card.tags)
        reason = f"You have not been asked about {tag.replace('-', ' ')} yet."
        found.append(Recommendation(card=card, tag=tag, reason=reason))
    return found
