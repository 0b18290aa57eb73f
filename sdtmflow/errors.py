"""What can go wrong for a reason that a user can mend, and the exit code of each.

    SdtmflowError                 1   anything below that has no code of its own
    ├── UsageError                2   an option can never mean anything, whatever it is asked of
    ├── StudyError                3   the study folder, or what was asked of it, is wrong
    ├── DeliveryError             4   a delivery cannot be collected
    ├── GateError                 5   findings forbid the publication
    ├── StoreError                6   the store refused, lacks the bundle, or breaks a promise
    ├── VerificationError         7   a bundle is not what its manifest says
    ├── FormatError               8   data or metadata that a submission format cannot hold
    ├── SigningError              9   a key cannot be used, or not for this
    ├── RebuildError             10   a bundle cannot be made again, or is not the same again
    └── RegisterError            11   the register of findings cannot be used, or refuses

Exit code 0 means done, 130 is an interrupt, 2 also what Typer itself refuses. What an option names
and is not there is no wrong command line: 3 where the study lacks it, 6 where the store does.
Messages never hold a subject's value: they name the file, the place, the rule and the remedy.
"""

from __future__ import annotations

from typing import ClassVar


class SdtmflowError(Exception):
    """An error that a user can act on.

    ``place`` is where it is (``study.yaml:12``, ``site03.csv, row 7``), ``message`` what is wrong,
    ``remedy`` what to do. ``str()`` joins them into the one line that the user reads; after a list,
    a ``message`` that ends its last line, the remedy has a line of its own.
    """

    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, *, place: str = "", remedy: str = "") -> None:
        super().__init__(message, place, remedy)
        self.message = message
        self.place = place
        self.remedy = remedy

    def __str__(self) -> str:
        head = f"{self.place}: {self.message}" if self.place else self.message
        joint = "" if head.endswith("\n") else "; "
        return f"{head}{joint}{self.remedy}" if self.remedy else head

    def __reduce__(self) -> tuple[object, ...]:
        # Errors cross process borders (process pool, Dask): keep every part.
        return (_rebuild, (type(self), self.message, self.place, self.remedy))


def _rebuild(kind: type[SdtmflowError], message: str, place: str, remedy: str) -> SdtmflowError:
    return kind(message, place=place, remedy=remedy)


class UsageError(SdtmflowError):
    """The command line is wrong: an unknown option, or a value that can mean nothing."""

    exit_code = 2


class StudyError(SdtmflowError):
    """study.yaml, a spec, a suite or a terms file is wrong, or has not what was asked for."""

    exit_code = 3


class DeliveryError(SdtmflowError):
    """A source's delivery cannot be collected as a whole."""

    exit_code = 4


class GateError(SdtmflowError):
    """Findings of a severity that study.yaml does not let through."""

    exit_code = 5


class StoreError(SdtmflowError):
    """The store cannot be reached, lacks the bundle, refused a write, or failed its probe."""

    exit_code = 6


class VerificationError(SdtmflowError):
    """A file of a bundle differs from its manifest, or the chain of claims is broken."""

    exit_code = 7


class FormatError(SdtmflowError):
    """A dataset, or what its metadata says, does not fit a submission format."""

    exit_code = 8


class SigningError(SdtmflowError):
    """A key to sign or to trust with is missing, unreadable, of another kind, or not allowed."""

    exit_code = 9


class RebuildError(SdtmflowError):
    """A published bundle cannot be made again, or is not the same when it is."""

    exit_code = 10


class RegisterError(SdtmflowError):
    """The database of findings cannot be reached or used, or a finding cannot change like this."""

    exit_code = 11
