"""Why a report cannot be shown, written, typeset or shared, each in a sentence."""

from __future__ import annotations

from sessions.errors import VivavoceError


class InterviewGoesOn(VivavoceError):
    """Its report grows with it: there is no version yet to keep or to share."""

    code = "interview_goes_on"
    status = 409

    def __init__(self) -> None:
        super().__init__("This interview is not over.", hint="End it first, then try again.")


class ReportFailed(VivavoceError):
    code = "report_failed"
    status = 409

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"This report could not be written: {reason}",
            hint="Ask for it again. The interview itself is saved.",
        )


class ReportUnderWay(VivavoceError):
    code = "report_under_way"
    status = 409

    def __init__(self) -> None:
        super().__init__(
            "A version of this report is being written already.",
            hint="Wait a moment, then read it.",
        )


class ReportOutdated(VivavoceError):
    """Stored by another version of Vivavoce, in a form that this one cannot show."""

    code = "report_outdated"
    status = 409

    def __init__(self, *, version: int) -> None:
        super().__init__(
            f"Version {version} of this report was written by another version of Vivavoce.",
            hint="Ask for a new version; the interview itself is saved.",
        )


class TooManyVersions(VivavoceError):
    code = "too_many_versions"
    status = 409

    def __init__(self, *, limit: int) -> None:
        super().__init__(
            f"This report has been written {limit} times, which is the most.",
            hint="Read the newest version.",
        )


class TypesettingFailed(VivavoceError):
    """The typesetter is not installed, did not end in time, or refused."""

    code = "typesetting_failed"
    status = 503

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"The PDF could not be made: {reason}.",
            hint="Print the report's page instead, or try again in a minute.",
        )


class ShareEnded(VivavoceError):
    """A link to a shared report that has expired or was taken back."""

    code = "share_ended"
    status = 410

    def __init__(self) -> None:
        super().__init__(
            "This link has ended: its time is up, or it was taken back.",
            hint="Ask the person who sent it for a new one.",
        )


class TooManyShares(VivavoceError):
    code = "too_many_shares"
    status = 409

    def __init__(self, *, limit: int) -> None:
        super().__init__(
            f"This report is shared by {limit} links already.", hint="Take one back first."
        )
