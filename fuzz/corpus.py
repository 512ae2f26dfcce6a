#!/usr/bin/env python3
"""Fills a corpus for fuzzing: corpus.py KIND FOLDER, with KIND text, dialect, rules or pipeline.

Every program of tests/ and examples/ (parted by '// -----'), rule, dialect and pipeline, a file each.
"""

import hashlib
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
MOST_BYTES = 4096


def pieces(kind):
    """The texts of a kind."""
    read = lambda suffix: [p.read_bytes() for p in sorted(ROOT.rglob(f"*.{suffix}")) if "target" not in p.parts]
    if kind == "text":
        for text in read("mlir"):
            yield from re.split(rb"^// -----[ \t]*\r?\n", text, flags=re.M)
    elif kind == "pipeline":
        for text in read("mlir"):
            yield from re.findall(rb"--pass-pipeline='([^']*)'", text)
        source = (ROOT / "dialects/pipelines.rs").read_bytes()
        yield from re.findall(rb'"([a-z0-9-]+(?:\{[^"]*)?(?:,[^"]*)?)"', source)
    else:
        for text in read(kind):
            yield text
            # One declaration at a time: they begin at the start of a line.
            yield from re.split(rb"\n(?=(?:///|rule|op|type|attr|enum|group|fn|pattern|test)\b)", text)


def main():
    kind, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    for text in pieces(kind):
        if text.strip() and len(text) <= MOST_BYTES:
            (folder / hashlib.sha256(text).hexdigest()[:16]).write_bytes(text)


if __name__ == "__main__":
    main()
