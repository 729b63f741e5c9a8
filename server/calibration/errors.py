"""Why an interview cannot be rated, or ratings not be taken, each in a sentence."""

from __future__ import annotations

from sessions.errors import VivavoceError


class AlreadyRated(VivavoceError):
    """The machine's ratings have been shown beside them since."""

    code = "already_rated"
    status = 409

    def __init__(self) -> None:
        super().__init__(
            "You have rated this interview already, and a rating is final.",
            hint="Open the page again to see yours beside the machine's.",
        )


class NotForCandidates(VivavoceError):
    """Of a hiring interview the candidate neither rates nor sees anything of the assessment."""

    code = "not_for_candidates"
    status = 403

    def __init__(self) -> None:
        super().__init__(
            "A hiring interview is rated by the organisation, not by its candidate.",
            hint="Practice interviews of your own can be rated.",
        )


class RatingsUnreadable(VivavoceError):
    """The file of ratings cannot be read."""

    code = "ratings_unreadable"

    def __init__(self, *, file: str, reason: str) -> None:
        super().__init__(
            f"The ratings in {file} cannot be read: {reason}.",
            hint="Give a CSV file in UTF-8; docs/calibration.md says what is in it.",
        )
        self.file = file
        self.reason = reason
