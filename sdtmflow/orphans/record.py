"""A sweep in the audit log, written before anything is removed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from sdtmflow.audit import Act, Actor, record
from sdtmflow.durations import duration_text
from sdtmflow.orphans.found import Kind, Orphan
from sdtmflow.orphans.sweep import Announce
from sdtmflow.store.protocol import Store


def in_the_log(store: Store, study: str, actor: Actor, older_than: dt.timedelta) -> Announce:
    """What ``sweep`` is to call: an entry that names every orphan that is going to be removed."""

    def announce(orphans: Sequence[Orphan]) -> None:
        record(store, study, Act("sweep", details=_details(orphans, older_than)), actor)

    return announce


def _details(orphans: Sequence[Orphan], older_than: dt.timedelta) -> dict[str, str]:
    named = {kind.value: [each.name for each in orphans if each.kind is kind] for kind in Kind}
    return {
        "older than": duration_text(older_than),
        "bytes": str(sum(orphan.size for orphan in orphans)),
        **{kind: " ".join(names) for kind, names in named.items() if names},
    }
