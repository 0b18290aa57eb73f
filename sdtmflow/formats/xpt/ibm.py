"""IEEE doubles as IBM/360 doubles, the numbers of XPORT files, by whole-array integer operations.

An IBM double is sign (1 bit), exponent (7 bits, base 16, excess 64) and fraction (56 bits). A
normalised fraction has up to three leading zero bits, so 53 to 56 bits are significant: every IEEE
double within the range is exact (SAS TS-140).
"""

from __future__ import annotations

import string

import numpy as np
from numpy.typing import NDArray

MISSING_KINDS = ("", "_", *string.ascii_uppercase)
"""The missing values ``.``, ``._`` and ``.A`` to ``.Z``, by what follows the point."""

_FRACTION = np.uint64((1 << 52) - 1)
_LEADING_BIT = np.uint64(1 << 52)
_SIGN = np.uint64(1 << 63)
_MAGNITUDE = np.uint64((1 << 63) - 1)

_SMALLEST = np.float64(16.0**-65).view(np.uint64)
_SPAN = np.float64(16.0**63).view(np.uint64) - _SMALLEST
"""Magnitudes compare as their bits do: those within the range are less than this apart."""


def representable(values: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Whether each value is zero or of a magnitude within [16**-65, 16**63)."""
    magnitude = values.view(np.uint64) & _MAGNITUDE
    zero = magnitude == 0
    magnitude -= _SMALLEST
    return np.asarray((magnitude < _SPAN) | zero, dtype=np.bool_)


def to_ibm(values: NDArray[np.float64]) -> NDArray[np.uint64]:
    """Representable IEEE doubles as IBM doubles (native integers; the file has them big-endian).

    Negative zero becomes zero, which it equals.
    """
    bits = values.view(np.uint64)
    biased = (bits & _MAGNITUDE) >> np.uint64(52)
    biased += np.uint64(1)
    # The binary exponent is 4 * sixteens + rest: the rest shifts the fraction, losing nothing.
    ibm = (bits & _FRACTION) | _LEADING_BIT
    ibm <<= biased & np.uint64(3)
    biased >>= np.uint64(2)
    biased -= np.uint64(191)
    biased <<= np.uint64(56)
    ibm |= biased
    ibm |= bits & _SIGN
    ibm[values == 0] = 0
    return ibm


def missing_numbers(kinds: NDArray[np.int64]) -> NDArray[np.uint64]:
    """The IBM doubles for positions in ``MISSING_KINDS``: a character, and a fraction of zero."""
    characters = [ord(kind or ".") for kind in MISSING_KINDS]
    return np.array(characters, np.uint64)[kinds] << np.uint64(56)


MISSING = missing_numbers(np.zeros(1, np.int64))[0]
"""The missing value ``.``."""
