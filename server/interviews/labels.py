"""The words people see for types, difficulties, patience and status."""

from __future__ import annotations

from sessions.lifecycle import Status
from sessions.plan import Difficulty, InterviewType, Patience
from sessions.roles import Role

TYPE_LABELS: dict[InterviewType, str] = {
    InterviewType.JAVASCRIPT: "JavaScript",
    InterviewType.MACHINE_CODING: "Machine coding",
    InterviewType.DSA: "Data structures and algorithms",
    InterviewType.SYSTEM_DESIGN: "System design",
    InterviewType.BEHAVIORAL: "Behavioural",
    InterviewType.TECHNICAL: "Technical, by role",
    InterviewType.HR: "HR",
}

TYPE_DESCRIPTIONS: dict[InterviewType, str] = {
    InterviewType.JAVASCRIPT: "The language, the event loop, the browser and its traps.",
    InterviewType.MACHINE_CODING: "How you would design and build a small program, out loud.",
    InterviewType.DSA: "Choosing a structure or a method, and saying what it costs.",
    InterviewType.SYSTEM_DESIGN: "Large systems: their parts, their limits and your trade-offs.",
    InterviewType.BEHAVIORAL: "What you did, why, and how it ended, from your own work.",
    InterviewType.TECHNICAL: "The knowledge your role rests on: choose the role below.",
    InterviewType.HR: "Motivation, expectations, and how you act when work gets delicate.",
}

DIFFICULTY_LABELS: dict[Difficulty, str] = {
    Difficulty.EASY: "Easy",
    Difficulty.MEDIUM: "Medium",
    Difficulty.HARD: "Hard",
    Difficulty.EXPERT: "Expert",
}

DIFFICULTY_DESCRIPTIONS: dict[Difficulty, str] = {
    Difficulty.EASY: "Foundations. A good place to warm up.",
    Difficulty.MEDIUM: "What most interviews ask.",
    Difficulty.HARD: "Less common ground, deeper answers.",
    Difficulty.EXPERT: "Open questions without one right answer.",
}

PATIENCE_LABELS: dict[Patience, str] = {
    Patience.NORMAL: "Normal",
    Patience.PATIENT: "Patient",
    Patience.VERY_PATIENT: "Very patient",
}

PATIENCE_DESCRIPTIONS: dict[Patience, str] = {
    Patience.NORMAL: "Answers soon after you stop speaking.",
    Patience.PATIENT: "Leaves you room for longer pauses to think.",
    Patience.VERY_PATIENT: "Waits longest. Good when you speak slowly or in a second language.",
}

ROLE_LABELS: dict[Role, str] = {
    Role.SOFTWARE_ENGINEER: "Software engineer",
    Role.FRONTEND_ENGINEER: "Frontend engineer",
    Role.BACKEND_ENGINEER: "Backend engineer",
    Role.DEVOPS_ENGINEER: "DevOps engineer",
    Role.DATA_SCIENTIST: "Data scientist",
    Role.PRODUCT_MANAGER: "Product manager",
}
"""`sessions.roles.match_role` reads each of them as the role."""

STATUS_LABELS: dict[Status, str] = {
    Status.SETUP: "Being set up",
    Status.READY: "Ready to start",
    Status.IN_PROGRESS: "In progress",
    Status.PAUSED: "Paused",
    Status.INTERRUPTED: "Interrupted, can be resumed",
    Status.COMPLETED: "Completed",
    Status.ABANDONED: "Not finished",
}
