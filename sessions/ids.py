"""Identifiers. All are opaque strings; the types keep them from being mixed up."""

from typing import NewType

InterviewId = NewType("InterviewId", str)
AccountId = NewType("AccountId", str)
QuestionId = NewType("QuestionId", str)
KeyPointId = NewType("KeyPointId", str)
