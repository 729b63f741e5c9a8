"""Loading what a setting names: one of ours by name, or anyone's by `package.module:Class`."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from typing import TypeVar

from rapidfuzz import process

from sessions.errors import SettingsInvalid

_Port = TypeVar("_Port")
_Argument = TypeVar("_Argument")


def load_named(
    key: str,
    name: str,
    argument: _Argument,
    *,
    ours: Mapping[str, Callable[[_Argument], _Port]],
    port: type[_Port],
    other_names: tuple[str, ...] = (),
) -> _Port:
    """What `name` stands for, made with `argument`.

    `key` is the setting's, for the error. `port` is the class it must be an instance of;
    `other_names` are names that are known elsewhere, for the hint. Raises SettingsInvalid.
    """
    if make := ours.get(name):
        return make(argument)
    module_name, colon, class_name = name.partition(":")
    if not colon:
        raise _unknown(key, name, (*ours, *other_names))
    where = f"{key} names {name}"
    try:
        found: object = getattr(importlib.import_module(module_name), class_name, None)
    except Exception as exc:  # the module is someone else's: whatever it raises is the answer
        raise SettingsInvalid(
            f"{where}, but its module cannot be imported: {type(exc).__name__}: {exc}.",
            hint="Check the spelling, and that the package is installed here.",
        ) from exc
    if not callable(found):
        raise SettingsInvalid(f"{where}, but {module_name} has no class {class_name}.")
    try:
        made: object = found(argument)
    except Exception as exc:  # as above
        raise SettingsInvalid(
            f"{where}, which cannot be made: {type(exc).__name__}: {exc}.",
            hint=f"It is called with the {key.partition('.')[0]} settings as its only argument.",
        ) from exc
    if not isinstance(made, port):
        raise SettingsInvalid(
            f"{where}, which is no {port.__module__}.{port.__qualname__}.",
            hint="Derive it from that class.",
        )
    return made


def _unknown(key: str, name: str, names: tuple[str, ...]) -> SettingsInvalid:
    known = f"It is {', '.join(names)}, or a class path package.module:Class."
    nearest = process.extractOne(name, names, score_cutoff=60)
    return SettingsInvalid(
        f"{key} names {name!r}, which is not known.",
        hint=f"Did you mean {nearest[0]}? {known}" if nearest else known,
    )
