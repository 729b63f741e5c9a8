"""Rewrites the expected report of the golden log: `python -m tests.scoring.regold`.

Only after a change of the report that was meant; the diff is then part of the commit. The log
itself is never rewritten: it is what an earlier version stored.
"""

from tests.scoring.golden import REPORT, load_log, report_json

if __name__ == "__main__":
    REPORT.write_text(report_json(load_log()), encoding="utf-8")
    print(f"{REPORT.name} was written anew")
