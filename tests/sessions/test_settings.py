"""Settings: the file, the environment, and what is said when one of them is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from sessions.errors import SettingsInvalid
from sessions.settings import SECRETS, Settings, known_keys, load_settings

CONFIG = Path(__file__).parents[2] / "config.yaml"


@pytest.fixture
def written(tmp_path: Path) -> Path:
    return tmp_path / "config.yaml"


# -- config.yaml is the documentation ------------------------------------------------------------


def test_config_yaml_holds_the_defaults() -> None:
    assert load_settings(CONFIG, environ={}) == Settings()


def test_config_yaml_lists_every_setting() -> None:
    listed: dict[str, dict[str, object] | str] = yaml.safe_load(CONFIG.read_text(encoding="utf-8"))
    keys = set(listed)
    for name, section in listed.items():
        if isinstance(section, dict):
            keys.update(f"{name}.{key}" for key in section)
    secret = {f"{section}.{key}" for section, key in SECRETS}

    assert keys == set(known_keys()) - secret


@pytest.mark.parametrize("dotted", sorted(key for key in known_keys() if "." in key))
def test_config_yaml_says_what_a_setting_means(dotted: str) -> None:
    section, key = dotted.split(".")
    lines = CONFIG.read_text(encoding="utf-8").splitlines()
    begin = next(number for number, line in enumerate(lines) if line.startswith(f"{section}:"))
    line = next(line for line in lines[begin:] if line.strip(" #").startswith(f"{key}:"))

    said = line.partition(f"{key}:")[2] if line.strip().startswith("#") else line.partition("#")[2]
    assert said.strip(), f"config.yaml does not say what {dotted} means"


# -- reading -------------------------------------------------------------------------------------


def test_without_a_file_everything_has_its_default() -> None:
    assert load_settings(None, environ={}) == Settings()


def test_an_empty_file_changes_nothing(written: Path) -> None:
    written.write_text("# nothing here\n", encoding="utf-8")

    assert load_settings(written, environ={}) == Settings()


def test_the_file_overrides_a_default_and_leaves_the_others(written: Path) -> None:
    written.write_text("server:\n  port: 9000\n", encoding="utf-8")

    settings = load_settings(written, environ={})

    assert settings.server.port == 9000
    assert settings.server.host == "127.0.0.1"
    assert settings.agent == Settings().agent


def test_dotenv_overrides_the_file_and_the_environment_both(written: Path, tmp_path: Path) -> None:
    written.write_text("server: {port: 1}\nagent: {port: 1}\nlog: {level: error}\n")
    dotenv = tmp_path / ".env"
    dotenv.write_text("VIVAVOCE__SERVER__PORT=2\nVIVAVOCE__AGENT__PORT=2\nOTHER__THING=3\n")

    settings = load_settings(written, environ={"VIVAVOCE__AGENT__PORT": "3"}, dotenv=dotenv)

    assert (settings.log.level, settings.server.port, settings.agent.port) == ("error", 2, 3)


def test_a_missing_dotenv_is_fine(tmp_path: Path) -> None:
    assert load_settings(None, environ={}, dotenv=tmp_path / ".env") == Settings()


def test_the_environment_sets_every_sort_of_value() -> None:
    settings = load_settings(
        None,
        environ={
            "VIVAVOCE__AGENT__RECONNECT_S": "0.5",
            "VIVAVOCE__AGENT__ALLOWED_ORIGINS": "[https://a.example, https://b.example]",
            "VIVAVOCE__DATA_DIR": "/srv/vivavoce",
            "VIVAVOCE__SECURITY__SECRET_KEY": "made-up",
            "PATH": "/bin",
        },
    )

    assert settings.agent.reconnect_s == 0.5
    assert settings.agent.allowed_origins == ["https://a.example", "https://b.example"]
    assert settings.data_dir == Path("/srv/vivavoce")
    assert settings.security.secret_key.get_secret_value() == "made-up"


@pytest.mark.parametrize(
    ("given", "order"),
    [
        ("openai", ["openai"]),
        ("openai, ollama", ["openai", "ollama"]),
        (" openai ,, own.module:Class ", ["openai", "own.module:Class"]),
        ("[openai, ollama]", ["openai", "ollama"]),
    ],
)
def test_an_order_is_one_name_or_several(written: Path, given: str, order: list[str]) -> None:
    in_environment = load_settings(
        None, environ={"VIVAVOCE__INTERVIEW__INTERVIEWER": given, "VIVAVOCE__SPEECH__STT": given}
    )
    written.write_text(
        f"interview: {{interviewer: {order}}}\nspeech: {{stt: {given.strip('[]')!r}}}"
    )
    in_file = load_settings(written, environ={})

    for settings in (in_environment, in_file):
        assert settings.interview.interviewer == order
        assert settings.speech.stt == order


@pytest.mark.parametrize("given", ["", " , ", "[]"])
def test_an_order_without_a_name_is_refused(given: str) -> None:
    with pytest.raises(SettingsInvalid, match=r"speech\.tts"):
        load_settings(None, environ={"VIVAVOCE__SPEECH__TTS": given})


def test_an_endpoint_has_its_key_from_the_environment(written: Path) -> None:
    written.write_text("endpoints: {mine: {base_url: http://a.example/v1, llm_model: m-1}}")

    settings = load_settings(
        written, environ={"VIVAVOCE__ENDPOINTS__MINE__API_KEY": "made-up", **OPENAI_KEY}
    )

    mine, openai = settings.endpoints["mine"], settings.endpoints["openai"]
    assert (mine.base_url, mine.llm_model) == ("http://a.example/v1", "m-1")
    assert mine.api_key.get_secret_value() == "made-up"
    assert openai.api_key.get_secret_value() == "made-up-too"


OPENAI_KEY = {"VIVAVOCE__ENDPOINTS__OPENAI__API_KEY": "made-up-too"}


def environment_name(*where: str) -> str:
    return f"VIVAVOCE__{'__'.join(where).upper()}"


SECRET_PLACES = [*sorted(SECRETS), ("endpoints", "openai", "api_key")]


@pytest.mark.parametrize("where", SECRET_PLACES, ids=".".join)
def test_a_secret_is_not_shown_by_accident(where: tuple[str, ...]) -> None:
    settings = load_settings(None, environ={environment_name(*where): "made-up"})

    assert "made-up" not in f"{settings!r} {settings} {settings.model_dump_json()}"


@pytest.mark.parametrize("where", SECRET_PLACES, ids=".".join)
def test_each_secret_is_refused_in_the_file(written: Path, where: tuple[str, ...]) -> None:
    tree: object = "made-up"
    for part in reversed(where):
        tree = {part: tree}
    written.write_text(yaml.safe_dump(tree), encoding="utf-8")

    with pytest.raises(SettingsInvalid) as caught:
        load_settings(written, environ={})

    assert caught.value.message.startswith(".".join(where))
    assert environment_name(*where) in caught.value.hint
    assert "made-up" not in f"{caught.value.message} {caught.value.hint}"


def test_a_price_may_leave_most_of_it_out(written: Path) -> None:
    written.write_text('costs: {prices: {"deepgram:nova-3": {audio_minute: 0.01}}}')

    price = load_settings(written, environ={}).costs.prices["deepgram:nova-3"]

    assert (price.audio_minute, price.input_tokens_1m) == (0.01, 0)


def test_the_settings_of_the_compose_file_are_accepted() -> None:
    compose = yaml.safe_load((CONFIG.parent / "docker-compose.yml").read_text(encoding="utf-8"))
    environment: dict[str, str] = compose["services"]["vivavoce"]["environment"]

    settings = load_settings(CONFIG, environ=environment)

    assert settings.interview.interviewer == ["ollama", "scripted"]
    assert settings.speech.stt == ["speaches", "none"]
    assert set(settings.endpoints) == {"ollama", "speaches"}
    assert all(not endpoint.api_key.get_secret_value() for endpoint in settings.endpoints.values())


# -- refusing ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "unknown", "nearest"),
    [
        ("server: {prot: 1}", "server.prot", "server.port"),
        ("speech: {word_per_minute: 1}", "speech.word_per_minute", "speech.words_per_minute"),
        ("databse: {}", "databse", "database"),
    ],
)
def test_an_unknown_key_is_refused_with_the_nearest(
    written: Path, text: str, unknown: str, nearest: str
) -> None:
    written.write_text(text, encoding="utf-8")

    with pytest.raises(SettingsInvalid) as caught:
        load_settings(written, environ={})

    assert caught.value.message == f"There is no setting {unknown}."
    assert caught.value.hint == f"Did you mean {nearest}?"


def test_an_unknown_key_that_is_near_to_none_points_to_the_file(written: Path) -> None:
    written.write_text("zzzzqqqq: 1", encoding="utf-8")

    with pytest.raises(SettingsInvalid) as caught:
        load_settings(written, environ={})

    assert "config.yaml" in caught.value.hint


def test_an_unknown_key_in_the_environment_is_refused() -> None:
    with pytest.raises(SettingsInvalid) as caught:
        load_settings(None, environ={"VIVAVOCE__SERVER__PROT": "1"})

    assert caught.value.message == "There is no setting server.prot."
    assert caught.value.hint == "Did you mean server.port?"


def test_a_secret_in_the_file_is_refused_without_repeating_it(written: Path) -> None:
    written.write_text("security: {secret_key: made-up}", encoding="utf-8")

    with pytest.raises(SettingsInvalid) as caught:
        load_settings(written, environ={})

    assert "security.secret_key is a secret" in caught.value.message
    assert "VIVAVOCE__SECURITY__SECRET_KEY" in caught.value.hint
    assert "made-up" not in caught.value.message + caught.value.hint


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("server.port", "70000"),
        ("server.port", "many"),
        ("agent.max_rooms", "0"),
        ("agent.reconnect_s", "-1"),
        ("speech.words_per_minute", "79"),
        ("security.session_days", "0"),
        ("interview.interviewer", "[]"),
        ("interview.model_timeout_s", "0"),
        ("speech.end_of_turn", "guess"),
        ("recording.keep_days", "0"),
        ("log.level", "loud"),
        ("log.format", "xml"),
        ("server", "8080"),
    ],
)
def test_a_wrong_value_is_refused_by_name(written: Path, name: str, value: str) -> None:
    section, _, key = name.partition(".")
    written.write_text(f"{section}: {{{key}: {value}}}" if key else f"{section}: {value}")

    with pytest.raises(SettingsInvalid) as caught:
        load_settings(written, environ={})

    assert caught.value.message.startswith(f"The setting {name} is wrong: ")
    assert "config.yaml" in caught.value.hint


@pytest.mark.parametrize("text", ["server: [", "a: b: c", "\t- x", "- a\n- b\n", "just words"])
def test_a_file_that_is_no_settings_is_refused_by_path(written: Path, text: str) -> None:
    written.write_text(text, encoding="utf-8")

    with pytest.raises(SettingsInvalid) as caught:
        load_settings(written, environ={})

    assert str(written) in caught.value.message


def test_a_file_that_is_no_text_is_refused(written: Path) -> None:
    written.write_bytes(b"\xff\xfe\x00server")

    with pytest.raises(SettingsInvalid, match="cannot be read"):
        load_settings(written, environ={})


def test_a_missing_file_is_said(written: Path) -> None:
    with pytest.raises(SettingsInvalid, match="does not exist"):
        load_settings(written, environ={})


def test_a_broken_list_in_the_environment_is_said() -> None:
    with pytest.raises(SettingsInvalid, match="VIVAVOCE__AGENT__ALLOWED_ORIGINS is not a list"):
        load_settings(None, environ={"VIVAVOCE__AGENT__ALLOWED_ORIGINS": "[https://a"})
