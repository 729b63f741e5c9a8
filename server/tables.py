"""Imports every table of the server, so that `Base.metadata` is whole (migrations, tests)."""

from server.accounts.models import Account, SignIn
from server.interviews.models import Interview
from server.questions.models import QuestionRow
from server.reports.models import ReportRow, ReportShare

TABLES = (Account, SignIn, Interview, QuestionRow, ReportRow, ReportShare)
