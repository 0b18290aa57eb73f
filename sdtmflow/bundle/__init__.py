"""Bundles: manifest, publish, read, download, verify."""

from sdtmflow.bundle.download import download, download_zip, fetch
from sdtmflow.bundle.export import export_sequence
from sdtmflow.bundle.logged import act_on, record_act
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
from sdtmflow.bundle.read import bundles, find, latest, pick, read_file, read_manifest
from sdtmflow.bundle.verifier import Fault, Signer
from sdtmflow.bundle.verify import Verification, verify, verify_copy
from sdtmflow.bundle.verify_log import verify_and_log

__all__ = [
    "BundleFacts",
    "Claim",
    "Code",
    "Fault",
    "Gap",
    "InputFile",
    "Manifest",
    "ManifestFile",
    "OvertakenError",
    "PublishedBundle",
    "Signer",
    "Verification",
    "act_on",
    "bundles",
    "download",
    "download_zip",
    "export_sequence",
    "fetch",
    "find",
    "latest",
    "pick",
    "publish",
    "read_file",
    "read_manifest",
    "record_act",
    "verify",
    "verify_and_log",
    "verify_copy",
]
