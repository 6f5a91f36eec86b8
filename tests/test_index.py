"""The index: built once by one process, checked before use, built anew when damaged, and said when it cannot be."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from knowledge import index
from knowledge.corpus import Corpus, load
from knowledge.embedding import Vectors
from knowledge.errors import KnowledgeError
from tests.test_corpus import GUIDE


class Letters:
    """A tiny encoder of our own seam: letter counts. Counts how often it is asked."""

    id = "letters"

    def __init__(self) -> None:
        self.calls = 0

    def encode(self, texts: Sequence[str], progress: Callable[[int], None] | None = None) -> Vectors:
        self.calls += 1
        rows = np.array(
            [[t.lower().count(c) + 0.1 for c in "abcdefghijklmnopqrstuvwxyz"] for t in texts], np.float32
        )
        if progress:
            progress(len(texts))
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)


@pytest.fixture
def small(tmp_path: Path) -> Corpus:
    folder = tmp_path / "digests"
    folder.mkdir()
    (folder / "guide.md").write_text(GUIDE)
    return load(folder)


def place(corpus: Corpus, folder: Path) -> Path:
    return folder / "indexes" / index.name(corpus, Letters.id)


def test_it_is_built_once_and_then_read(small: Corpus, tmp_path: Path) -> None:
    encoder, seen = Letters(), list[tuple[int, int]]()
    first = index.vectors(small, encoder, tmp_path, lambda done, total: seen.append((done, total)))
    again = index.vectors(small, encoder, tmp_path)
    assert encoder.calls == 1
    assert np.array_equal(first, again)
    assert seen[-1] == (3, 3)


def test_changed_content_is_another_index(small: Corpus, tmp_path: Path) -> None:
    (small.folder / "guide.md").write_text(GUIDE.replace("Climb in order.", "Climb slowly."))
    changed = load(small.folder)
    assert index.name(small, "m") != index.name(changed, "m") != index.name(changed, "n")


@pytest.mark.parametrize("damage", ["ready", "vectors", "database", "half"])
def test_a_damaged_index_is_built_anew(small: Corpus, tmp_path: Path, damage: str) -> None:
    encoder = Letters()
    good = index.vectors(small, encoder, tmp_path)
    there = place(small, tmp_path)
    if damage == "ready":
        (there / "ready.json").write_text("{not json")
    elif damage == "vectors":
        (there / "ready.json").write_text(
            (there / "ready.json").read_text().replace('"vectors": "', '"vectors": "0')
        )
    elif damage == "database":
        (there / "chroma.sqlite3").write_bytes(b"nonsense" * 500)
    else:
        (there / "ready.json").unlink()
    assert np.array_equal(index.vectors(small, encoder, tmp_path), good)
    assert encoder.calls == 2


def test_a_folder_that_cannot_be_written_is_said(small: Corpus, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("a file where a folder should be")
    with pytest.raises(KnowledgeError, match="RUNG_DATA_DIR"):
        index.vectors(small, Letters(), blocked)


BUILDER = """
import sys, time
from pathlib import Path
from knowledge import index
from knowledge.corpus import load
from tests.test_index import Letters
encoder = Letters()
slow = encoder.encode
def encode(texts, progress=None):
    Path(sys.argv[3]).open("a").write("built\\n")
    time.sleep(1)
    return slow(texts, progress)
encoder.encode = encode
print(index.vectors(load(Path(sys.argv[1])), encoder, Path(sys.argv[2])).shape)
"""


def test_of_several_processes_at_once_one_builds(small: Corpus, tmp_path: Path) -> None:
    log = tmp_path / "log"
    command = [sys.executable, "-c", BUILDER, str(small.folder), str(tmp_path), str(log)]
    running = [
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[1])
        for _ in range(3)
    ]
    outputs = [process.communicate(timeout=60)[0].strip() for process in running]
    assert outputs == ["(3, 26)"] * 3
    assert log.read_text() == "built\n"


def test_a_builder_killed_half_way_leaves_nothing_that_is_used(small: Corpus, tmp_path: Path) -> None:
    log = tmp_path / "log"
    process = subprocess.Popen(
        [sys.executable, "-c", BUILDER, str(small.folder), str(tmp_path), str(log)],
        cwd=Path(__file__).parents[1],
    )
    while not log.exists():
        assert process.poll() is None
    process.kill()
    process.wait()
    encoder = Letters()
    assert index.vectors(small, encoder, tmp_path).shape == (3, 26)
    assert encoder.calls == 1
