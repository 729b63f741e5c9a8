"""Why a recording cannot be played or deleted, each in a sentence."""

from __future__ import annotations

from sessions.errors import VivavoceError

_OPEN_THE_REPORT = "Open the interview's report: it makes a fresh link when you press play."


class RecordingLinkInvalid(VivavoceError):
    code = "recording_link_invalid"
    status = 403

    def __init__(self) -> None:
        super().__init__(
            "This link to a recording is damaged, or was not made by this server.",
            hint=_OPEN_THE_REPORT,
        )


class RecordingLinkExpired(VivavoceError):
    code = "recording_link_expired"
    status = 410

    def __init__(self) -> None:
        super().__init__("This link to a recording has expired.", hint=_OPEN_THE_REPORT)


class RecordingGone(VivavoceError):
    """Deleted, by its time or on request; or missing in the store."""

    code = "recording_gone"
    status = 410

    def __init__(self, message: str = "This recording has been deleted.") -> None:
        super().__init__(message, hint="The transcript is still in the report.")


class RecordingUnderWay(VivavoceError):
    code = "recording_under_way"
    status = 409

    def __init__(self) -> None:
        super().__init__(
            "The interview is still being recorded, or its recording is being stored.",
            hint="End the interview, wait a minute, then try again.",
        )
