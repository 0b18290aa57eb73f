"""A package to break: shorthand for changing its files, and for sealing it again afterwards."""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Callable
from pathlib import Path

from tests.unit.gate import by_hand
from tests.unit.gate.by_hand import Table

SDTM = "m5/datasets/gate-01/tabulations/sdtm"
STF = (
    "m5/53-clin-stud-rep/535-rep-effic-safety-stud/hypertension/5351-stud-rep-contr/gate-01/"
    "stf-gate-01.xml"
)


class Box:
    def __init__(self, root: Path, seal: Callable[[Path], None]) -> None:
        self.root = root
        self._seal = seal

    @property
    def sdtm(self) -> Path:
        return self.root / SDTM

    @property
    def stf(self) -> Path:
        return self.root / STF

    @property
    def define(self) -> Path:
        return self.sdtm / "define.xml"

    def seal(self) -> None:
        """Index and study tagging file anew, for the files that are there."""
        shutil.rmtree(self.root / "m5" / "53-clin-stud-rep", ignore_errors=True)
        self._seal(self.root)

    def stamp(self) -> None:
        """Right checksums in the index that is there, and its own."""
        index = self.root / "index.xml"
        kinds = r'checksum-type="\w*" xlink:type="simple"'
        text = re.sub(
            rf'checksum="\w{{32}}"( {kinds} xlink:href="([^"]+))',
            lambda found: f'checksum="{self._md5(found[2])}"{found[1]}',
            index.read_text(),
        )
        index.write_text(text)
        (self.root / "index-md5.txt").write_text(self._md5("index.xml"))

    def _md5(self, path: str) -> str:
        file = self.root / path.replace("\\", "/").lstrip("/")
        return hashlib.md5(file.read_bytes()).hexdigest() if file.is_file() else "0" * 32

    def edit(self, path: Path, old: str, new: str, count: int = 1) -> None:
        """Put ``new`` for the pattern ``old``, which must be there."""
        text = path.read_text(encoding="utf-8")
        changed, times = re.subn(old, lambda _: new, text, count=count, flags=re.DOTALL)
        assert times, f"{old} is not in {path.name}"
        path.write_text(changed, encoding="utf-8")

    def index(self, old: str, new: str) -> None:
        """Change index.xml, and stamp it."""
        self.edit(self.root / "index.xml", old, new)
        self.stamp()

    def tag(self, old: str, new: str) -> None:
        """Change the study tagging file, and stamp it."""
        self.edit(self.stf, old, new)
        self.stamp()

    def describe(self, old: str, new: str) -> None:
        """Change define.xml, and seal the package."""
        self.edit(self.define, old, new)
        self.seal()

    def patch(self, name: str, old: bytes, new: bytes) -> None:
        """Other bytes of the same length in a dataset's file."""
        path = self.sdtm / f"{name}.xpt"
        data = path.read_bytes()
        assert old in data
        assert len(old) == len(new)
        path.write_bytes(data.replace(old, new, 1))
        self.seal()

    def bytes(self, name: str, change: Callable[[bytes], bytes]) -> None:
        """A dataset's file changed as a whole."""
        path = self.sdtm / f"{name}.xpt"
        path.write_bytes(change(path.read_bytes()))
        self.seal()

    def table(self, name: str, change: Callable[[Table], object]) -> None:
        """A dataset changed by its rows and columns."""
        path = self.sdtm / f"{name}.xpt"
        table = by_hand.read(path)
        change(table)
        by_hand.write(path, table)
        self.seal()

    def undescribe(self, dataset: str) -> None:
        """Take a dataset out of define.xml."""
        self.edit(self.define, rf'<ItemGroupDef OID="IG.{dataset}".*?</ItemGroupDef>', "")

    def remove(self, dataset: str) -> None:
        """Take a dataset out of the package."""
        (self.sdtm / f"{dataset.lower()}.xpt").unlink()
        self.undescribe(dataset)
        self.seal()

    def add(self, path: str, data: bytes = b"text\n") -> None:
        """Another file, with its leaf."""
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
        self.seal()
