"""Settings: `config.yaml` over defaults, the environment over both. The one reader of both.

`VIVAVOCE__SECTION__KEY=value` overrides a key, in the environment or in `.env`. Secrets come only
from there. An unknown key is refused by name, with the nearest one that exists.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, Self, cast

import yaml
from dotenv import dotenv_values
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    JsonValue,
    SecretStr,
    ValidationError,
    model_validator,
)
from rapidfuzz import process

from sessions.errors import SettingsInvalid

PREFIX = "VIVAVOCE__"

Tree = dict[str, JsonValue]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ServerSettings(_Section):
    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=0, le=65_535)
    public_url: str = ""
    max_body_bytes: int = Field(default=1_048_576, ge=1024)


class AgentSettings(_Section):
    host: str = "127.0.0.1"
    port: int = Field(default=8081, ge=0, le=65_535)
    public_url: str = ""
    max_rooms: int = Field(default=100, ge=1)
    reconnect_s: float = Field(default=120, gt=0)
    abandon_after_s: float = Field(default=1800, gt=0)
    allowed_origins: list[str] = []


class DatabaseSettings(_Section):
    url: str = "sqlite+aiosqlite:///var/vivavoce.db"


class BusSettings(_Section):
    url: str = "memory://"


class SpeechSettings(_Section):
    stt: str = "browser"
    tts: str = "espeak"
    vad: str = "silero"
    voice: str = "en-us"
    words_per_minute: int = Field(default=165, ge=80, le=450)
    tts_timeout_s: float = Field(default=8, gt=0)


class InterviewSettings(_Section):
    interviewer: str = "scripted"
    min_questions: int = Field(default=2, ge=1)
    max_questions: int = Field(default=7, ge=1)
    probes_per_question: int = Field(default=1, ge=0)

    @model_validator(mode="after")
    def _can_be_chosen(self) -> Self:
        if self.min_questions > self.max_questions:
            raise ValueError("min_questions is more than max_questions")
        return self


class SecuritySettings(_Section):
    secret_key: SecretStr = SecretStr("")
    room_token_minutes: int = Field(default=10, ge=1)
    session_days: int = Field(default=14, ge=1)


class LogSettings(_Section):
    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["text", "json"] = "text"


class Settings(_Section):
    """Every setting. `config.yaml` lists them all with what they mean; a test keeps it so."""

    server: ServerSettings = ServerSettings()
    agent: AgentSettings = AgentSettings()
    database: DatabaseSettings = DatabaseSettings()
    bus: BusSettings = BusSettings()
    speech: SpeechSettings = SpeechSettings()
    interview: InterviewSettings = InterviewSettings()
    security: SecuritySettings = SecuritySettings()
    log: LogSettings = LogSettings()
    data_dir: Path = Path("var")


SECRETS = frozenset({("security", "secret_key")})


def load_settings(
    path: Path | None, *, environ: Mapping[str, str] | None = None, dotenv: Path | None = None
) -> Settings:
    """Read the file (if any), `.env` (if any) and the environment; later ones win.

    Raises SettingsInvalid naming the key, the reason, and the nearest key for an unknown one.
    """
    tree: Tree = _read_yaml(path) if path is not None else {}
    for section, key in SECRETS:
        values = tree.get(section)
        if isinstance(values, dict) and key in values:
            raise SettingsInvalid(
                f"{section}.{key} is a secret and must not stand in {path}.",
                hint=f"Set it in the environment or .env: {PREFIX}{section}__{key}".upper(),
            )
    overrides: dict[str, str | None] = dict(dotenv_values(dotenv)) if dotenv is not None else {}
    overrides.update(os.environ if environ is None else environ)
    for name, value in overrides.items():
        if name.startswith(PREFIX) and value is not None:
            _override(tree, name.removeprefix(PREFIX).lower().split("__"), value)
    try:
        return Settings.model_validate(tree)
    except ValidationError as exc:
        raise _explained(exc) from exc


def _read_yaml(path: Path) -> Tree:
    try:
        loaded: object = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError as exc:
        raise SettingsInvalid(
            f"The settings file {path} does not exist.", hint="Check the path given to --config."
        ) from exc
    except (OSError, yaml.YAMLError, UnicodeDecodeError) as exc:
        raise SettingsInvalid(f"The settings file {path} cannot be read: {exc}") from exc
    if loaded is None:
        return {}
    if not isinstance(loaded, dict):
        raise SettingsInvalid(f"The settings file {path} must hold sections with keys.")
    return cast("Tree", loaded)


def _override(tree: Tree, path: list[str], value: str) -> None:
    node = tree
    for part in path[:-1]:
        child = node.get(part)
        if not isinstance(child, dict):
            child = {}
            node[part] = child
        node = child
    # YAML's own reading of scalars, so that a list or a number can be given; text stays text.
    try:
        parsed = cast("JsonValue", yaml.safe_load(value)) if value.startswith("[") else value
    except yaml.YAMLError as exc:
        raise SettingsInvalid(f"{PREFIX}{'__'.join(path).upper()} is not a list: {exc}") from exc
    node[path[-1]] = parsed


def _explained(exc: ValidationError) -> SettingsInvalid:
    error = exc.errors(include_url=False, include_input=False)[0]
    where = ".".join(str(part) for part in error["loc"])
    if error["type"] != "extra_forbidden":
        return SettingsInvalid(
            f"The setting {where} is wrong: {error['msg']}.",
            hint="See the comment beside it in config.yaml.",
        )
    nearest = process.extractOne(where, known_keys(), score_cutoff=60)
    return SettingsInvalid(
        f"There is no setting {where}.",
        hint=f"Did you mean {nearest[0]}?" if nearest else "See config.yaml for all of them.",
    )


def known_keys() -> list[str]:
    """All keys, dotted, sections included."""
    keys: list[str] = []
    for name, field in Settings.model_fields.items():
        keys.append(name)
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            keys.extend(f"{name}.{key}" for key in field.annotation.model_fields)
    return keys
