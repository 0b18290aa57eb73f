"""Make the raw exports of the demo study: ``python studies/demo/generate.py [FOLDER]``.

The same seed gives the same bytes, always. FOLDER (default: this study folder) receives ``raw/``,
``defects.yaml`` and ``DEFECTS.md``.
"""

from __future__ import annotations

import sys
from pathlib import Path

from generator import excel, laboratory, odm, redcap, sas, semicolon
from generator.defect_list import as_markdown, as_yaml
from generator.defects import plant
from generator.record import Trial
from generator.trial import clean_trial


def exports(trial: Trial) -> dict[str, bytes]:
    """Path below ``raw/`` → the bytes that the system delivered."""
    data, dictionary = redcap.export(trial.sites["02"])
    files = {
        "site01/DEMO01_site01.xml": odm.export("01", trial.sites["01"]),
        f"site02/{redcap.DATA_FILE}": data,
        f"site02/{redcap.DICTIONARY_FILE}": dictionary,
        f"site04/{excel.FILE}": excel.export(trial.sites["04"]),
        "site06/DEMO01_site06.xml": _cut_off(odm.export("06", trial.sites["06"])),
        f"lab/{laboratory.FILE}": laboratory.export(trial.laboratory),
    }
    files |= {f"site03/{name}": content for name, content in sas.export(trial.sites["03"]).items()}
    files |= {
        f"site05/{name}": content for name, content in semicolon.export(trial.sites["05"]).items()
    }
    return files


def _cut_off(content: bytes) -> bytes:
    """The first part of a file whose transfer broke off in the clinical data."""
    return content[: len(content) * 3 // 5]


def generate(folder: Path) -> None:
    """Write the study's raw files and the list of what is wrong in them."""
    trial = clean_trial()
    defects = plant(trial)
    for name, content in exports(trial).items():
        path = folder / "raw" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    (folder / "defects.yaml").write_text(as_yaml(defects), encoding="utf-8")
    (folder / "DEFECTS.md").write_text(as_markdown(defects), encoding="utf-8")


if __name__ == "__main__":
    generate(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
