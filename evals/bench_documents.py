"""The large corpus, measured: `make bench-large`, or `python -m evals.bench_documents [--documents N]`.

Pages of sentences drawn with a seed (`evals/retrieval/stand_ins.py`), 20 passages each: 250 documents are indexed by one
process, then the rest by another into the same folder, then each state is opened and searched by a process of its own, so
that each peak of memory is of one work alone. Encoding is nearly all of the time: about a quarter of an hour on one core
for 1,000 documents, so this is a command of its own.
"""

from __future__ import annotations

import argparse
import json
import pickle
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from evals.retrieval.metrics import auroc, recall
from evals.retrieval.queries import queries
from evals.retrieval.stand_ins import unrelated
from knowledge.corpus import load
from knowledge.embedding import Vectors, find_encoder
from knowledge.originals.document import Document, fingerprint
from knowledge.originals.sheets import Sheets
from knowledge.search import Search, confidence, open_search


@dataclass(frozen=True)
class OnDisk:
    """Documents whose texts are files, the first `count` of them."""

    folder: Path
    count: int

    def documents(self) -> Sequence[Document]:
        found: list[Document] = pickle.loads((self.folder / "documents").read_bytes())
        return found[: self.count]

    def text(self, document: Document) -> str:
        return (self.folder / document.sha256).read_text(encoding="utf-8")


class Counting:
    """The local encoder, counting the texts it is given."""

    def __init__(self) -> None:
        found = find_encoder()
        assert found is not None
        self.id, self._encoder, self.texts = found.id, found, 0

    def encode(self, texts: Sequence[str], progress: Callable[[int], None] | None = None) -> Vectors:
        self.texts += len(texts)
        return self._encoder.encode(texts, progress)


def write(folder: Path, count: int) -> None:
    """Make the documents."""
    made = unrelated(count)
    for document in made.documents():
        (folder / document.sha256).write_text(made.text(document), encoding="utf-8")
    (folder / "documents").write_bytes(pickle.dumps(list(made.documents())))


def change(folder: Path) -> None:
    """Change a sentence of the first document."""
    first, *rest = OnDisk(folder, sys.maxsize).documents()
    text = (folder / first.sha256).read_text(encoding="utf-8") + "The policy of 2026 says otherwise.\n"
    (folder / fingerprint(text)).write_text(text, encoding="utf-8")
    (folder / "documents").write_bytes(pickle.dumps([replace(first, sha256=fingerprint(text)), *rest]))


def build(folder: Path, count: int) -> dict[str, Any]:
    encoder = Counting()
    start = time.perf_counter()
    made = Sheets(OnDisk(folder, count), encoder, folder).build(_show)
    return {"documents": made, "texts": encoder.texts, "seconds": time.perf_counter() - start}


def search(folder: Path, count: int) -> dict[str, Any]:
    search = open_search(load(), find_encoder(), folder)
    alone = _figures(search)
    start = time.perf_counter()
    search.attach(OnDisk(folder, count), folder)
    opened = time.perf_counter() - start
    return {"passages": search.passages_beside, "open": opened, "alone": alone, **_figures(search)}


def _figures(search: Search) -> dict[str, float]:
    """Of the tuning queries: seconds, recall@5 of the digests' passages, and AUROC of “my sources answer that”."""
    took, recalls, yes, no = [], [], [], []
    for query in queries("tune"):
        start = time.perf_counter()
        hits = search.search(query.text)
        took.append(time.perf_counter() - start)
        (yes if query.answerable else no).append(confidence(hits))
        if query.answerable:
            recalls.append(recall([h.passage.id for h in hits], query.answers))
    return {
        "p50": statistics.median(took),
        "p95": statistics.quantiles(took, n=20)[18],
        "recall": statistics.mean(recalls),
        "auroc": auroc(yes, no),
    }


def _show(done: int, total: int) -> None:
    if done * 20 // total != (done - 1) * 20 // total:
        print(f"indexed {done} of {total} documents", file=sys.stderr)


_WORK = {"build": build, "search": search}


def _alone(work: str, folder: Path, count: int) -> dict[str, Any]:
    """Do it in a process of its own; what it found, and that process's peak of memory in MiB."""
    command = [sys.executable, "-m", "evals.bench_documents", "--work", work, "--folder", str(folder), "--documents", str(count)]  # fmt: skip
    found: dict[str, Any] = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    return found


def run(folder: Path, count: int) -> list[tuple[str, str]]:
    """What was measured, and the figure."""
    write(folder, count)
    few = count // 4
    built, opened = [_alone("build", folder, few)], [_alone("search", folder, few)]
    built.append(_alone("build", folder, count))
    opened.append(_alone("search", folder, count))
    change(folder)
    again = _alone("build", folder, count)
    size = sum(f.stat().st_size for f in folder.rglob("*.safetensors")) / 2**20
    rows = []
    for n, (b, o) in enumerate(zip(built, opened, strict=True)):
        rows += [
            (f"index {'the first' if n == 0 else 'the other'} {b['documents']:.0f} documents ({b['texts']:.0f} passages)", f"{b['seconds']:.0f} s, {1000 * b['seconds'] / b['texts']:.1f} ms a passage, peak {b['peak']:.0f} MiB"),
            (f"open {o['passages']:.0f} passages", f"{o['open']:.2f} s, peak with digests and encoder {o['peak']:.0f} MiB"),
            (f"search digests and {o['passages']:.0f} passages", f"p50 {o['p50'] * 1000:.1f} ms, p95 {o['p95'] * 1000:.1f} ms"),
            ("  digests alone, in the same process", f"p50 {o['alone']['p50'] * 1000:.1f} ms, p95 {o['alone']['p95'] * 1000:.1f} ms"),
            ("  recall@5, AUROC (digests alone)", f"{o['recall']:.3f}, {o['auroc']:.3f} ({o['alone']['recall']:.3f}, {o['alone']['auroc']:.3f})"),
        ]  # fmt: skip
    return [
        *rows,
        ("peak of indexing, all over the first quarter", f"{built[1]['peak'] / built[0]['peak']:.2f}"),
        (
            "index again after one change",
            f"{again['documents']} document, {again['texts']} passages encoded, {again['seconds']:.2f} s",
        ),
        ("the index on disk", f"{size:.0f} MiB"),
    ]


def measure(count: int = 1000) -> None:
    """Make, index and search that many documents, and print the figures."""
    folder = Path(tempfile.mkdtemp())
    try:
        for what, figure in run(folder, count):
            print(f"{what:52} {figure}")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--documents", type=int, default=1000)
    parser.add_argument("--work", choices=sorted(_WORK), help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.work:
        found = _WORK[args.work](args.folder, args.documents)
        found["peak"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(json.dumps(found))
        return
    measure(args.documents)


if __name__ == "__main__":
    main()
