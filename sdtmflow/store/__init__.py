"""Where snapshots and bundles are kept: a local folder or S3, behind one protocol."""

from sdtmflow.store.opening import open_store
from sdtmflow.store.protocol import MissingObjectError, Store
from sdtmflow.store.snapshots import DamagedSnapshotError, Snapshots

__all__ = ["DamagedSnapshotError", "MissingObjectError", "Snapshots", "Store", "open_store"]
