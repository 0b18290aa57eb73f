"""Where snapshots and bundles are kept: a local folder or S3, behind one protocol."""

from sdtmflow.store.opening import open_store
from sdtmflow.store.protocol import Store
from sdtmflow.store.snapshots import Snapshots

__all__ = ["Snapshots", "Store", "open_store"]
