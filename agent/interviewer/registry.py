"""Which interviewers the setting names: endpoints with a language model, `scripted`, class paths.

A class of a path, `package.module:Class`, is called with the InterviewSettings as its only
argument.
"""

from __future__ import annotations

from agent.class_path import load_named
from agent.interviewer.chain import COMPONENT, InterviewerChain, RemoteInterviewer
from agent.interviewer.port import Interviewer
from agent.interviewer.scripted import ScriptedInterviewer
from agent.providers.health import Health
from sessions.errors import SettingsInvalid
from sessions.infra.endpoints import PRESETS, find_endpoint
from sessions.settings import Settings

KEY = "interview.interviewer"


def load_interviewer(settings: Settings, health: Health) -> InterviewerChain:
    """The interviewers of the process, those of services watched by `health`.

    Its `for_room` is the script itself when nothing else is named. Raises SettingsInvalid.
    """
    script = ScriptedInterviewer(settings.interview)
    members = {name: _load(name, settings) for name in settings.interview.interviewer}
    chain = InterviewerChain(
        members,
        health,
        first_word_timeout_s=settings.interview.model_timeout_s,
        script=script,
    )
    for name, member in chain.members.items():
        if isinstance(member, RemoteInterviewer):
            health.watch(COMPONENT, name, member.probe)
    return chain


def _load(name: str, settings: Settings) -> Interviewer:
    if name in PRESETS or name in settings.endpoints:
        return _load_model(name, settings)
    return load_named(
        KEY,
        name,
        settings.interview,
        ours={ScriptedInterviewer.name: ScriptedInterviewer},
        port=Interviewer,
        other_names=_names_with_a_model(settings),
    )


def _load_model(name: str, settings: Settings) -> Interviewer:
    if name not in _names_with_a_model(settings):
        raise SettingsInvalid(
            f"{KEY} names {name}, which has no language model.",
            hint=f"Set endpoints.{name}.llm_model, or name one that has: "
            f"{', '.join(_names_with_a_model(settings))}.",
        )
    endpoint = find_endpoint(name, settings.endpoints)
    if endpoint is None:  # it is known, or it would have no model
        raise SettingsInvalid(f"{KEY} names {name}, which is not known.")
    # Loaded only when one is named: the SDK costs memory and a slower start.
    from agent.interviewer.model import ModelInterviewer

    return ModelInterviewer(endpoint)


def _names_with_a_model(settings: Settings) -> tuple[str, ...]:
    given = {name for name, endpoint in settings.endpoints.items() if endpoint.llm_model}
    return tuple(
        name
        for name in dict.fromkeys((*PRESETS, *settings.endpoints))
        if name in given or (name in PRESETS and PRESETS[name].llm_model)
    )
