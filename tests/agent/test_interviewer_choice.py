"""Which interviewers the settings name, and trying whether they work."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from pydantic import SecretStr

from agent.interviewer.chain import InterviewerChain
from agent.interviewer.model import ModelInterviewer
from agent.interviewer.port import Interviewer, Scene
from agent.interviewer.registry import load_interviewer
from agent.interviewer.scripted import ScriptedInterviewer
from agent.providers.health import Health
from sessions.errors import ProviderUnavailable, SettingsInvalid
from sessions.interview import Say
from sessions.settings import EndpointSettings, InterviewSettings, Settings
from tests.agent.model_stage import GOOD, Told, one_model
from tests.emulators.openai_chat import Reply
from tests.support.clock import FakeClock

pytestmark = pytest.mark.sockets


# -- settings ------------------------------------------------------------------------------------


def made_settings(*names: str, **endpoints: EndpointSettings) -> Settings:
    return Settings(interview=InterviewSettings(interviewer=list(names)), endpoints=endpoints)


def load(settings: Settings) -> InterviewerChain:
    return load_interviewer(settings, Health(FakeClock()))


def test_by_default_there_is_the_script_alone() -> None:
    chain = load(Settings())
    assert chain.names == ["scripted"]
    assert isinstance(chain.for_room(Told().note_switch, Told().used.append), ScriptedInterviewer)


async def test_endpoints_and_classes_are_used_in_their_order() -> None:
    keyed = EndpointSettings(api_key=SecretStr("made-up"))
    own = EndpointSettings(base_url="http://127.0.0.1:1/v1", llm_model="own-1")
    path = f"{__name__}:OwnInterviewer"
    chain = load(made_settings("openai", "mine", "ollama", path, openai=keyed, mine=own))
    try:
        assert chain.names == ["openai", "mine", "ollama", path, "scripted"]
        models = [m.endpoint for m in chain.members.values() if isinstance(m, ModelInterviewer)]
        assert [model.llm_model for model in models] == ["gpt-4.1-mini", "own-1", "llama3.2"]
    finally:
        await chain.aclose()


class OwnInterviewer(Interviewer):
    name = "own"

    def __init__(self, settings: InterviewSettings) -> None:
        self.settings = settings

    async def phrase(self, say: Say, scene: Scene) -> AsyncIterator[str]:
        yield "My own words."


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (made_settings("openia"), "Did you mean openai?"),
        (made_settings("scriptd"), "Did you mean scripted?"),
        (made_settings("openai"), "VIVAVOCE__ENDPOINTS__OPENAI__API_KEY"),
        (made_settings("deepgram"), "deepgram, which has no language model"),
        (made_settings("vllm"), "Set endpoints.vllm.llm_model"),
        (made_settings("mine", mine=EndpointSettings(llm_model="x")), "endpoints.mine.base_url"),
        (made_settings("no_such.module:Class"), "ModuleNotFoundError"),
        (made_settings(f"{__name__}:Told"), "which is no agent.interviewer.port.Interviewer"),
    ],
)
def test_a_wrong_name_is_told_with_what_would_be_right(settings: Settings, said: str) -> None:
    with pytest.raises(SettingsInvalid) as caught:
        load(settings)
    assert said in f"{caught.value.message} {caught.value.hint}"


# -- trying it -----------------------------------------------------------------------------------


async def test_trying_it_tells_how_long_it_takes() -> None:
    async with one_model(GOOD) as (room, _):
        member = room.chain.members["first"]
        assert isinstance(member, ModelInterviewer)
        assert 0 < await member.try_it() < 10_000
    assert room.told.used == []


@pytest.mark.parametrize("reply", [Reply(status=401), Reply(parts=[])], ids=["401", "nothing"])
async def test_trying_what_does_not_work_says_why(reply: Reply) -> None:
    async with one_model(reply) as (room, _):
        member = room.chain.members["first"]
        assert isinstance(member, ModelInterviewer)
        with pytest.raises(ProviderUnavailable) as caught:
            await member.probe()
    assert (caught.value.component, caught.value.provider) == ("interviewer", "first")
