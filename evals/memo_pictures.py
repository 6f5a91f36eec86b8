"""Pictures of the memo for the docs, wide, on a phone and printed: `python -m evals.memo_pictures`.

Needs Chromium and pdftoppm (apt install chromium poppler-utils).
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from datetime import date
from pathlib import Path

from agent.facts import Facts
from agent.interview import conclude
from agent.memo.memo import memo
from agent.memo.page import html
from agent.writing.plain import write
from knowledge.corpus import load

DOCS = Path(__file__).parents[1] / "docs"
DAY = date(2026, 11, 22)
QUESTION = (
    "We sort 40,000 supplier mails a day into the same 12 categories for years. Few-shot prompt, 3,500 tokens, iterated on "
    "our test set until the score stuck at 86%; we need 95%. 3,000 labelled mails. GPT-4o on Azure."
)
FACTS = dict(
    knowledge="none", prompting="exhausted", shortfall=["quality"], stability="stable", volume=40_000, success="measured",
    examples=3000, prompt_tokens=3500.0, platform="Azure", model="GPT-4o",
)  # fmt: skip


def chromium(*arguments: str) -> None:
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None or shutil.which("pdftoppm") is None:
        sys.exit("Chromium and pdftoppm are needed: apt install chromium poppler-utils")
    subprocess.run(
        [program, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--allow-file-access-from-files", *arguments],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip


def main() -> None:
    facts, corpus = Facts.of(**FACTS), load()
    page = html(memo(QUESTION, write(conclude(facts), facts, corpus, today=DAY), DAY))
    with tempfile.TemporaryDirectory() as folder:
        here = Path(folder)
        (here / "memo.html").write_text(page, encoding="utf-8")
        # Headless Chromium opens no window as narrow as a phone's, so the phone is a frame.
        (here / "phone.html").write_text(
            '<body style="margin:0"><iframe src="memo.html" style="width:360px;height:1400px;border:0"></iframe></body>'
        )
        chromium(
            "--window-size=1100,1300",
            f"--screenshot={DOCS / 'memo-wide.png'}",
            f"file://{here / 'memo.html'}",
        )
        chromium(
            "--window-size=360,1400",
            f"--screenshot={DOCS / 'memo-phone.png'}",
            f"file://{here / 'phone.html'}",
        )
        chromium(
            "--no-pdf-header-footer", f"--print-to-pdf={here / 'memo.pdf'}", f"file://{here / 'memo.html'}"
        )
        subprocess.run(
            [
                "pdftoppm",
                "-r",
                "80",
                "-png",
                "-f",
                "1",
                "-l",
                "1",
                "-singlefile",
                here / "memo.pdf",
                DOCS / "memo-print",
            ],
            check=True,
        )
    for name in ("wide", "phone", "print"):
        path = DOCS / f"memo-{name}.png"
        print(f"docs/{path.name}: {path.stat().st_size / 1024:.0f} KiB")


if __name__ == "__main__":
    main()
