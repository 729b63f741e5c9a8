"""Typesets one report, as a program of its own: a document's JSON on its standard input, a PDF on
its standard output. `server.reports.pdf` runs it, so that a native typesetter working on words
of strangers can be stopped, and takes nobody down with it.

Exit codes: 0 done, 3 the typesetter is not installed, 4 it refused (standard error says why).
"""

from __future__ import annotations

import sys
from pathlib import Path

NOT_INSTALLED = 3
REFUSED = 4
TEMPLATE = Path(__file__).with_name("report.typ")


def main() -> int:
    try:
        import typst
    except ImportError:
        return NOT_INSTALLED
    data = sys.stdin.buffer.read().decode("utf-8")
    try:
        # The template gets the words as data and never as its own text: nothing said in an
        # interview is read as markup. Its folder is all it may read.
        pdf = typst.compile(
            TEMPLATE,
            root=TEMPLATE.parent,
            format="pdf",
            sys_inputs={"document": data},
        )
    except typst.TypstError as exc:
        sys.stderr.write(str(exc))
        return REFUSED
    sys.stdout.buffer.write(pdf)
    return 0


if __name__ == "__main__":
    sys.exit(main())
