"""Settings: `config.yaml` over defaults, the environment over both. The one reader of both.

`VIVAVOCE__SECTION__KEY=value` overrides a key, in the environment or in `.env`. Secrets come only
from there. An unknown key is refused by name, with the nearest one that exists.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal, Self, cast

import yaml
from dotenv import dotenv_values
from pydantic import (
    BaseModel,
    BeforeValidator,
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


def _as_order(value: object) -> object:
    """One name, or several with commas between them, as the environment has to write a list."""
    if isinstance(value, str):
        return [name.strip() for name in value.split(",") if name.strip()]
    return value


Order = Annotated[list[str], BeforeValidator(_as_order), Field(min_length=1)]
"""Names of providers, the first to be used first, the others when those before them fail."""


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
    max_lag_ms: float = Field(default=60, gt=0)
    drain_s: float = Field(default=0, ge=0)
    reconnect_s: float = Field(default=120, gt=0)
    abandon_after_s: float = Field(default=1800, gt=0)
    allowed_origins: list[str] = []
    metrics: bool = False


class DatabaseSettings(_Section):
    url: str = "sqlite+aiosqlite:///var/vivavoce.db"


class BusSettings(_Section):
    url: str = "memory://"


class SpeechSettings(_Section):
    stt: Order = ["browser"]
    tts: Order = ["espeak"]
    vad: str = "silero"
    end_of_turn: Literal["audio", "words"] = "audio"
    voice: str = "en-us"
    words_per_minute: int = Field(default=165, ge=80, le=450)
    stt_timeout_s: float = Field(default=5, gt=0)
    tts_timeout_s: float = Field(default=4, gt=0)


class EndpointSettings(_Section):
    """A service reached by its API. What is empty has the preset's value, if its name has one."""

    base_url: str = ""
    api_key: SecretStr = SecretStr("")
    stt_model: str = ""
    tts_model: str = ""
    llm_model: str = ""
    voice: str = ""


class PriceSettings(_Section):
    """What one model costs, in `currency`. Use of unpriced ones is counted all the same."""

    audio_minute: float = Field(default=0, ge=0)
    characters_1k: float = Field(default=0, ge=0)
    input_tokens_1m: float = Field(default=0, ge=0)
    output_tokens_1m: float = Field(default=0, ge=0)


class CostSettings(_Section):
    currency: str = "USD"
    prices: dict[str, PriceSettings] = {}


class BlobSettings(_Section):
    url: str = ""
    s3_endpoint: str = ""
    s3_region: str = "us-east-1"
    s3_access_key_id: SecretStr = SecretStr("")
    s3_secret_access_key: SecretStr = SecretStr("")


class RecordingSettings(_Section):
    enabled: bool = True
    keep_days: int = Field(default=90, ge=1)
    link_days: int = Field(default=7, ge=1)
    keys: SecretStr = SecretStr("")


class PersonaSettings(_Section):
    """In whose manner the interviewer speaks. What is empty is the shipped one's of that name."""

    manner: str = ""
    greeting: str = ""
    acknowledgements: list[str] = []
    transitions: list[str] = []
    encouragements: list[str] = []
    voice: str = ""


class InterviewSettings(_Section):
    interviewer: Order = ["scripted"]
    persona: str = "calm"
    personas: dict[str, PersonaSettings] = {}
    model_timeout_s: float = Field(default=1.5, gt=0)
    min_questions: int = Field(default=2, ge=1)
    max_questions: int = Field(default=7, ge=1)
    judge: Order = ["key-points"]
    judge_timeout_s: float = Field(default=2.5, gt=0)
    asks_to_add: bool = True
    probes_per_question: Annotated[int, Field(ge=0)] | Literal["auto"] = "auto"

    @model_validator(mode="after")
    def _can_be_chosen(self) -> Self:
        if self.min_questions > self.max_questions:
            raise ValueError("min_questions is more than max_questions")
        return self


class ReportSettings(_Section):
    judge: Annotated[list[str], BeforeValidator(_as_order)] = []
    judge_raters: Annotated[list[str], BeforeValidator(_as_order)] = []
    judge_timeout_s: float = Field(default=30, gt=0)
    sweep_s: float = Field(default=10, gt=0)
    attempts: int = Field(default=8, ge=1)
    max_versions: int = Field(default=20, ge=1)
    pdf_limit_s: float = Field(default=20, gt=0)


class PlanSettings(_Section):
    model: Annotated[list[str], BeforeValidator(_as_order)] = []
    timeout_s: float = Field(default=20, gt=0)


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
    endpoints: dict[str, EndpointSettings] = {}
    costs: CostSettings = CostSettings()
    blobs: BlobSettings = BlobSettings()
    recording: RecordingSettings = RecordingSettings()
    interview: InterviewSettings = InterviewSettings()
    reports: ReportSettings = ReportSettings()
    plans: PlanSettings = PlanSettings()
    security: SecuritySettings = SecuritySettings()
    log: LogSettings = LogSettings()
    data_dir: Path = Path("var")


SECRETS = frozenset(
    {
        ("security", "secret_key"),
        ("recording", "keys"),
        ("blobs", "s3_access_key_id"),
        ("blobs", "s3_secret_access_key"),
    }
)
ENDPOINT_SECRET = "api_key"  # noqa: S105 -- the name of a key, of each of `endpoints`


def load_settings(
    path: Path | None, *, environ: Mapping[str, str] | None = None, dotenv: Path | None = None
) -> Settings:
    """Read the file (if any), `.env` (if any) and the environment; later ones win.

    Raises SettingsInvalid naming the key, the reason, and the nearest key for an unknown one.
    """
    tree: Tree = _read_yaml(path) if path is not None else {}
    for where in _secrets_in(tree):
        raise SettingsInvalid(
            f"{'.'.join(where)} is a secret and must not stand in {path}.",
            hint=f"Set it in the environment or .env: {PREFIX}{'__'.join(where).upper()}",
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


def _secrets_in(tree: Tree) -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = []
    for section, key in sorted(SECRETS):
        values = tree.get(section)
        if isinstance(values, dict) and key in values:
            found.append((section, key))
    endpoints = tree.get("endpoints")
    if isinstance(endpoints, dict):
        for name, endpoint in endpoints.items():
            if isinstance(endpoint, dict) and ENDPOINT_SECRET in endpoint:
                found.append(("endpoints", name, ENDPOINT_SECRET))
    return found


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
