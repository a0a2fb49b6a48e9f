"""Joins unit tests into one source, which takes a fraction of the time to compile: together.py OUT FILE...

Each file's own namespace keeps its helpers apart from those of the others: two tests may both have a Fixture. What is
not called *_test.cpp is joined as it stands. Lines keep their names and numbers.
"""

import os
import re
import sys
from pathlib import Path

OPENS = re.compile(r"^namespace kinto_mirror[\w:]* \{$", re.MULTILINE)
CLOSES = re.compile(r"^\}  // namespace kinto_mirror[\w:]*$", re.MULTILINE)


def apart(path: Path) -> str:
    text = path.read_text()
    opens, closes = OPENS.findall(text), CLOSES.findall(text)
    if not path.stem.endswith("_test") or not opens:
        return text
    if len(opens) != 1 or len(closes) != 1:
        sys.exit(f"{path}: a unit test has one namespace kinto_mirror::..., with clang-format's comment where it ends; "
                 f"found are {len(opens)} openings and {len(closes)} ends")
    text = OPENS.sub(lambda found: f"{found[0]} namespace of_{path.stem} {{", text)
    return CLOSES.sub(lambda found: f"}} {found[0]}", text)


def main(out: Path, files: list[str]) -> None:
    # Relative to where the compiler runs, as ccache has the others: checkouts share what is compiled.
    parts = [f'#line 1 "{os.path.relpath(file)}"\n{apart(Path(file))}' for file in files]
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text("\n".join(parts))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
