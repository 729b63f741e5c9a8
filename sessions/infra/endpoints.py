"""Services reached by their API: the presets, and what the settings say over them.

Every endpoint but Deepgram speaks OpenAI's API. Base URLs and models as the services' own
documentation names them; each can be overridden under `endpoints` in the settings.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sessions.errors import SettingsInvalid
from sessions.settings import EndpointSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """`api_key` is empty where none is needed: local servers."""

    name: str
    base_url: str
    api_key: str = field(default="", repr=False)
    needs_key: bool = False
    stt_model: str = ""
    tts_model: str = ""
    llm_model: str = ""
    voice: str = ""


PRESETS: Mapping[str, Endpoint] = {
    endpoint.name: endpoint
    for endpoint in (
        Endpoint(
            name="deepgram",
            base_url="https://api.deepgram.com",
            needs_key=True,
            stt_model="nova-3",
            tts_model="aura-2-thalia-en",
        ),
        Endpoint(
            name="openai",
            base_url="https://api.openai.com/v1",
            needs_key=True,
            stt_model="gpt-4o-mini-transcribe",
            tts_model="gpt-4o-mini-tts",
            llm_model="gpt-4.1-mini",
            voice="alloy",
        ),
        Endpoint(
            name="gemini",
            base_url="https://generativelanguage.googleapis.com/v1beta/openai/",
            needs_key=True,
            llm_model="gemini-2.5-flash",
        ),
        Endpoint(
            name="anthropic",
            base_url="https://api.anthropic.com/v1/",
            needs_key=True,
            llm_model="claude-haiku-4-5",
        ),
        Endpoint(
            name="groq",
            base_url="https://api.groq.com/openai/v1",
            needs_key=True,
            stt_model="whisper-large-v3-turbo",
            llm_model="llama-3.3-70b-versatile",
        ),
        Endpoint(name="ollama", base_url="http://localhost:11434/v1", llm_model="llama3.2"),
        Endpoint(name="vllm", base_url="http://localhost:8000/v1"),
        Endpoint(
            name="speaches",
            base_url="http://localhost:8000/v1",
            stt_model="Systran/faster-distil-whisper-small.en",
            tts_model="speaches-ai/Kokoro-82M-v1.0-ONNX",
            voice="af_heart",
        ),
    )
}


def find_endpoint(name: str, endpoints: Mapping[str, EndpointSettings]) -> Endpoint | None:
    """The endpoint of that name, preset and settings together; None when there is no such name.

    Raises SettingsInvalid for one that has no address, or needs a key and has none.
    """
    preset, given = PRESETS.get(name), endpoints.get(name)
    if preset is None and given is None:
        return None
    preset = preset or Endpoint(name=name, base_url="")
    given = given or EndpointSettings()
    endpoint = Endpoint(
        name=name,
        base_url=given.base_url or preset.base_url,
        api_key=given.api_key.get_secret_value(),
        needs_key=preset.needs_key and not given.base_url,
        stt_model=given.stt_model or preset.stt_model,
        tts_model=given.tts_model or preset.tts_model,
        llm_model=given.llm_model or preset.llm_model,
        voice=given.voice or preset.voice,
    )
    if not endpoint.base_url:
        raise SettingsInvalid(
            f"The endpoint {name} has no address.",
            hint=f"Set endpoints.{name}.base_url in config.yaml.",
        )
    if endpoint.needs_key and not endpoint.api_key:
        raise SettingsInvalid(
            f"The endpoint {name} needs a key.",
            hint=f"Set it in the environment or .env: VIVAVOCE__ENDPOINTS__{name.upper()}__API_KEY",
        )
    return endpoint
