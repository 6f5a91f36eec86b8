"""The child process that reads one file: bytes in, JSON out. Started by reading.py alone."""

from __future__ import annotations

import json
import logging
import resource
import sys


def main() -> None:
    """Read standard input as the media type given; write title, text and sections, or the trouble."""
    from knowledge.originals.reading import MEMORY, SECONDS

    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    logging.disable(logging.CRITICAL)
    kind, charset = sys.argv[1], sys.argv[2].strip("-")
    data = sys.stdin.buffer.read()
    sys.stdout.buffer.write(json.dumps(_told(data, kind, charset)).encode())


def _told(data: bytes, kind: str, charset: str) -> dict[str, object]:
    from knowledge.originals.blocks import TooLong, joined
    from knowledge.originals.formats import READERS, Damaged, MissingReader

    try:
        title, blocks = READERS[kind](data, charset)
        text, sections = joined(blocks)
    except (Damaged, TooLong, MissingReader) as trouble:
        return {"trouble": str(trouble)}
    except MemoryError:
        return {"trouble": "reading it took more memory than a document may"}
    except RecursionError:
        return {"trouble": "it is nested too deeply, or in a circle"}
    except Exception as error:
        return {"trouble": f"it is damaged, or not what it says it is ({type(error).__name__})"}
    if not text.strip():
        return {"trouble": "there is no text in it"}
    title = " ".join(title.split())[:300] or next((s.heading for s in sections), "")
    return {"title": title, "text": text, "sections": [(s.start, s.heading, s.level) for s in sections]}


if __name__ == "__main__":
    main()
