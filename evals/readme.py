"""The README's conversation and picture, made by the program: `python -m evals.readme` writes both anew.

The conversation stands between two marks in README.md; its lines that begin with "you> " are what is said. A test replays
it and compares every word.
"""

from __future__ import annotations

import io
import re
import tempfile
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.text import Text

from agent.bootstrap import build
from agent.lines import converse_plain
from agent.render import screen
from agent.settings import Settings

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
PICTURE = ROOT / "docs" / "terminal.svg"
BLOCK = re.compile(r"(<!-- conversation -->\n```text\n)(.*?)(```\n<!-- /conversation -->)", re.DOTALL)
SAID = "you> "


def said() -> list[str]:
    """What the README's person says."""
    match = BLOCK.search(README.read_text(encoding="utf-8"))
    if match is None:
        raise ValueError(f"{README} has no conversation between its marks")
    return [line.removeprefix(SAID) for line in match[2].splitlines() if line.startswith(SAID)]


def conversation(lines: Sequence[str]) -> str:
    """The whole talk as `rung chat` prints it, with what was said put in."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings.read()
        advisor, _ = build(Settings(settings.data_dir, f"sqlite:///{folder}/sessions.db", settings.sources))
        out = io.StringIO()

        def spoken() -> object:
            for line in lines:
                out.write(f"\n{SAID}{line}\n")
                yield line

        converse_plain(advisor, "readme", spoken(), out)  # type: ignore[arg-type]
        return "\n".join(line.rstrip() for line in out.getvalue().strip().splitlines()) + "\n"


def picture(lines: Sequence[str]) -> None:
    """The end of the talk as the terminal shows it."""
    console = Console(
        record=True,
        width=100,
        file=io.StringIO(),
        force_terminal=True,
        color_system="truecolor",
        highlight=False,
    )
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings.read()
        advisor, _ = build(Settings(settings.data_dir, f"sqlite:///{folder}/sessions.db", settings.sources))
        for line in lines:
            console.print(Text(f"{SAID}{line}\n", style="bold"))
            reply = advisor.reply("picture", line)
            for part in reply.parts:
                console.print(screen(part, 100))
            console.print()
    svg = console.export_svg(title="rung chat", unique_id="rung")
    PICTURE.write_text(re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL), encoding="utf-8")


def main() -> None:
    lines = said()
    text = README.read_text(encoding="utf-8")
    README.write_text(BLOCK.sub(lambda m: m[1] + conversation(lines) + m[3], text), encoding="utf-8")
    picture(lines)
    print(f"{README.name} and {PICTURE.relative_to(ROOT)} are what the program prints.")


if __name__ == "__main__":
    main()
