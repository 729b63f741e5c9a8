"""Imports every table of the server, so that `Base.metadata` is whole (migrations, tests)."""

from server.accounts.models import Account, SignIn
from server.calibration.models import RatingRow, ReportSeen
from server.interviews.models import Interview
from server.questions.models import QuestionRow, SeededBank
from server.reports.models import ReportRow, ReportShare

TABLES = (
    Account,
    SignIn,
    Interview,
    QuestionRow,
    SeededBank,
    ReportRow,
    ReportShare,
    RatingRow,
    ReportSeen,
)
