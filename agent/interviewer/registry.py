"""Which interviewer a setting names: `scripted`, or a class path `package.module:Class`."""

from __future__ import annotations

from agent.class_path import load_named
from agent.interviewer.port import Interviewer
from agent.interviewer.scripted import ScriptedInterviewer
from sessions.settings import InterviewSettings


def load_interviewer(settings: InterviewSettings) -> Interviewer:
    """Raises SettingsInvalid."""
    return load_named(
        "interview.interviewer",
        settings.interviewer,
        settings,
        ours={ScriptedInterviewer.name: ScriptedInterviewer},
        port=Interviewer,
    )
