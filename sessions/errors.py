"""Every error of ours: a code, an HTTP status, a sentence, and a next step.

An error keeps its data as attributes and builds its sentence from them. One place in each
process turns it into an answer: `server.kit.errors` for HTTP, `agent.gateway` for sockets,
`vivavoce.main` for the command line.
"""

from __future__ import annotations

from typing import ClassVar


class VivavoceError(Exception):
    """The root. `message` says what happened, `hint` what to do next."""

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 500
    hint: str = ""

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        if hint:
            self.hint = hint


class SettingsInvalid(VivavoceError):
    code = "settings_invalid"


class StartupFailed(VivavoceError):
    """A port in use, an unwritable folder, an unreachable database: `vivavoce` exits 1 with it."""

    code = "startup_failed"


class InputInvalid(VivavoceError):
    """The request does not have the form it should; `fields` maps a field to its sentence."""

    code = "input_invalid"
    status = 422
    hint = "Correct the marked fields and send it again."

    def __init__(self, message: str, *, fields: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.fields = fields or {}


class MessageInvalid(VivavoceError):
    """A socket message that is not of the protocol. The message is dropped, the room goes on."""

    code = "message_invalid"
    status = 400
    hint = "See the protocol's message list; nothing of the interview was lost."


class NotSignedIn(VivavoceError):
    code = "not_signed_in"
    status = 401

    def __init__(self) -> None:
        super().__init__("You are not signed in.", hint="Sign in, then try again.")


class WrongCredentials(VivavoceError):
    code = "wrong_credentials"
    status = 401

    def __init__(self) -> None:
        super().__init__("That e-mail and password do not match.", hint="Check both and try again.")


class Forbidden(VivavoceError):
    code = "forbidden"
    status = 403


class GrantInvalid(VivavoceError):
    """A room token that is malformed, expired, or for another room."""

    code = "grant_invalid"
    status = 401
    hint = "Open the room again from your dashboard; a fresh pass is made each time."


class NotFound(VivavoceError):
    code = "not_found"
    status = 404

    def __init__(self, what: str) -> None:
        super().__init__(
            f"There is no such {what}.", hint="It may have been deleted, or the address is wrong."
        )


class EmailTaken(VivavoceError):
    code = "email_taken"
    status = 409

    def __init__(self) -> None:
        super().__init__("An account with that e-mail exists already.", hint="Sign in instead.")


class InterviewEnded(VivavoceError):
    code = "interview_ended"
    status = 409

    def __init__(self) -> None:
        super().__init__("This interview has ended.", hint="Read its report, or start a new one.")


class NoQuestions(VivavoceError):
    code = "no_questions"
    status = 409

    def __init__(self, *, type: str) -> None:
        super().__init__(
            f"The question bank has no questions of the type {type}.",
            hint="Run `vivavoce seed`, then try again.",
        )
        self.type = type


class JournalConflict(VivavoceError):
    """Another writer has appended to this interview: this room must let go."""

    code = "journal_conflict"
    status = 409

    def __init__(self, *, interview_id: str, expected_seq: int) -> None:
        super().__init__(
            f"Interview {interview_id} already has a fact numbered {expected_seq}.",
            hint="Another room holds this interview; this one lets go.",
        )
        self.interview_id = interview_id
        self.expected_seq = expected_seq


class FactUnknown(VivavoceError):
    """A stored fact that this version cannot read."""

    code = "fact_unknown"

    def __init__(self, *, kind: str, version: int) -> None:
        super().__init__(
            f"A stored fact {kind} v{version} is not known to this version.",
            hint="A newer Vivavoce wrote it: upgrade this process.",
        )


class RoomsFull(VivavoceError):
    code = "rooms_full"
    status = 503

    def __init__(self, *, limit: int) -> None:
        super().__init__(
            f"All {limit} rooms of this server are in use.", hint="Try again in a few minutes."
        )
        self.limit = limit


class Overloaded(VivavoceError):
    """The process serves its rooms late already: one more would make it worse for all."""

    code = "overloaded"
    status = 503

    def __init__(self) -> None:
        super().__init__("This server is busy.", hint="Try again in a few minutes.")


class ShuttingDown(VivavoceError):
    """The process takes no more rooms: it ends when those it has are over."""

    code = "shutting_down"
    status = 503

    def __init__(self) -> None:
        super().__init__("This server is going down.", hint="Try again in a moment.")


class ProviderUnavailable(VivavoceError):
    """A recogniser, voice or model that cannot be used now."""

    code = "provider_unavailable"
    status = 503

    def __init__(self, *, component: str, provider: str, reason: str) -> None:
        super().__init__(f"The {component} provider {provider} is unavailable: {reason}.")
        self.component = component
        self.provider = provider
        self.reason = reason


class BlobsUnavailable(VivavoceError):
    """The store of files is away, full, or refuses."""

    code = "blobs_unavailable"
    status = 503

    def __init__(self, *, reason: str) -> None:
        super().__init__(
            f"The store of files is unavailable: {reason}.",
            hint="Try again in a few minutes; tell your administrator if it stays so.",
        )
        self.reason = reason
