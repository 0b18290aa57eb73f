"""Bundles: manifest, publish, read, download, verify."""

from sdtmflow.bundle.delivered import Delivery, Sent
from sdtmflow.bundle.download import download, download_zip, fetch, fetch_files, lay_beside
from sdtmflow.bundle.export import export_sequence
from sdtmflow.bundle.logged import act_on, note_act, record_act
from sdtmflow.bundle.manifest import (
    BundleFacts,
    Claim,
    Code,
    Gap,
    InputFile,
    Manifest,
    ManifestFile,
)
from sdtmflow.bundle.publish import OvertakenError, PublishedBundle, publish
from sdtmflow.bundle.read import (
    ReadBundle,
    asked_number,
    bundles,
    find,
    latest,
    pick,
    read_bundle,
    read_file,
    read_manifest,
)
from sdtmflow.bundle.shelf import Shelf, shelf
from sdtmflow.bundle.verifier import Fault, Signer
from sdtmflow.bundle.verify import Verification, verify, verify_copy
from sdtmflow.bundle.verify_audit import AuditVerification, verify_audit
from sdtmflow.bundle.verify_log import verify_and_log

__all__ = [
    "AuditVerification",
    "BundleFacts",
    "Claim",
    "Code",
    "Delivery",
    "Fault",
    "Gap",
    "InputFile",
    "Manifest",
    "ManifestFile",
    "OvertakenError",
    "PublishedBundle",
    "ReadBundle",
    "Sent",
    "Shelf",
    "Signer",
    "Verification",
    "act_on",
    "asked_number",
    "bundles",
    "download",
    "download_zip",
    "export_sequence",
    "fetch",
    "fetch_files",
    "find",
    "latest",
    "lay_beside",
    "note_act",
    "pick",
    "publish",
    "read_bundle",
    "read_file",
    "read_manifest",
    "record_act",
    "shelf",
    "verify",
    "verify_and_log",
    "verify_audit",
    "verify_copy",
]
