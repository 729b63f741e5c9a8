"""The roles that questions are written for, and what people call them. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum

from rapidfuzz import fuzz, process


class Role(StrEnum):
    """As `Question.roles` names them."""

    SOFTWARE_ENGINEER = "software-engineer"
    FRONTEND_ENGINEER = "frontend-engineer"
    BACKEND_ENGINEER = "backend-engineer"
    DEVOPS_ENGINEER = "devops-engineer"
    DATA_SCIENTIST = "data-scientist"
    PRODUCT_MANAGER = "product-manager"


RELATED: Mapping[Role, frozenset[Role]] = {
    Role.SOFTWARE_ENGINEER: frozenset({Role.FRONTEND_ENGINEER, Role.BACKEND_ENGINEER}),
    Role.FRONTEND_ENGINEER: frozenset({Role.SOFTWARE_ENGINEER}),
    Role.BACKEND_ENGINEER: frozenset({Role.SOFTWARE_ENGINEER, Role.DEVOPS_ENGINEER}),
    Role.DEVOPS_ENGINEER: frozenset({Role.SOFTWARE_ENGINEER, Role.BACKEND_ENGINEER}),
    Role.DATA_SCIENTIST: frozenset(),
    Role.PRODUCT_MANAGER: frozenset(),
}
"""Whose questions a role may be asked when there are too few of its own."""

_WORDS = re.compile(r"[a-z0-9]+")
_PRODUCT = frozenset({"manager", "management", "owner", "lead", "head", "director"})
_SIGNS: tuple[tuple[Role, frozenset[str]], ...] = (
    (
        Role.DEVOPS_ENGINEER,
        frozenset("devops sre reliability platform infrastructure cloud sysadmin".split()),
    ),
    (
        Role.DATA_SCIENTIST,
        frozenset("data ml ai machine analyst analytics statistician scientist".split()),
    ),
)
_FRONT = frozenset("front frontend react angular vue ui web".split())
_BACK = frozenset("back backend server api java python golang".split())
_GENERAL = frozenset("software developer programmer engineer coder fullstack".split())
_ALIKE = 85


def match_role(text: str) -> Role | None:
    """The role that a slug, a label or free text names: "Senior front-end dev", "SRE".

    None when it names none of ours, or is empty.
    """
    words = _WORDS.findall(text.casefold())
    known = frozenset(words)
    if "product" in known and known & _PRODUCT:
        return Role.PRODUCT_MANAGER
    for role, signs in _SIGNS:
        if known & signs:
            return role
    is_front, is_back = bool(known & _FRONT), bool(known & _BACK)
    if is_front != is_back:
        return Role.FRONTEND_ENGINEER if is_front else Role.BACKEND_ENGINEER
    if is_front or known & _GENERAL:
        return _misspelt(words) or Role.SOFTWARE_ENGINEER
    return _misspelt(words)


def _misspelt(words: list[str]) -> Role | None:
    if not words:
        return None
    labels = {role: role.value.replace("-", " ") for role in Role}
    near = process.extractOne(" ".join(words), labels, scorer=fuzz.ratio, score_cutoff=_ALIKE)
    return None if near is None else near[2]
