"""What `vivavoce talk` says of a report, and to whom it is open. Pure."""

from __future__ import annotations

from typing import Any

# Reports are read as they come over HTTP, where others may have written them: dict[str, Any].


def told_of(address: str, email: str, report: dict[str, Any]) -> list[str]:
    """Lines for people. `email`: the account signed in with, or empty for one made in passing,
    whose password nobody has: its report's address would only lead to a sign-in page."""
    coverage, delivery = report["coverage"], report["delivery"]
    lines = [
        f"Report: {address} (signed in as {email})"
        if email
        else "The report can be opened by nobody: this interview's account was made for it alone. "
        "To read the next one in a browser, sign up there and add --email YOU@EXAMPLE.ORG."
    ]
    if not report["has_enough"]:
        lines.append(f"Not enough to judge: {report['not_enough_reason']}")
    lines.append(
        f"{coverage['questions_answered']} of {coverage['questions_planned']} questions "
        f"answered, {coverage['key_points_covered']} of {coverage['key_points_total']} "
        f"key points covered, {sum(delivery['filler_counts'].values())} filler words heard."
    )
    return lines


def summarise(address: str, email: str, report: dict[str, Any]) -> dict[str, Any]:
    """The last object of `--json`. `opens_for`: who can sign in and open `url`, or null."""
    return {
        "type": "report",
        "url": address,
        "opens_for": email or None,
        "status": report["status"],
        "has_enough": report["has_enough"],
        "coverage": report["coverage"],
        "fillers": report["delivery"]["filler_counts"],
        "pace_wpm": report["delivery"]["pace_wpm"],
    }
