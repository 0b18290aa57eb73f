"""Ed25519 keys and signatures: who stands behind a bundle or an event.

``load_key`` reads the key that a user names, ``sign`` makes a signature as a record, ``check``
says whether it fits, and ``Trust`` who may sign.
"""

from sdtmflow.signing.keys import PublicKey, SigningKey, shown_fingerprint
from sdtmflow.signing.named import key_file, publishing_key, signers_trust, study_trust
from sdtmflow.signing.pem import holds_private_key, load_key, load_public, make_key, public_file
from sdtmflow.signing.signature import Signature, check, sign
from sdtmflow.signing.trust import NOBODY, Trust

__all__ = [
    "NOBODY",
    "PublicKey",
    "Signature",
    "SigningKey",
    "Trust",
    "check",
    "holds_private_key",
    "key_file",
    "load_key",
    "load_public",
    "make_key",
    "public_file",
    "publishing_key",
    "shown_fingerprint",
    "sign",
    "signers_trust",
    "study_trust",
]
