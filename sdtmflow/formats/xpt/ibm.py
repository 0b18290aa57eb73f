"""IBM/360 double precision, the numbers of XPORT files, by whole-array integer operations.

An IBM double is sign (1 bit), exponent (7 bits, base 16, excess 64) and fraction (56 bits). A
normalised fraction has up to three leading zero bits, so 53 to 56 bits are significant: every IEEE
double within the range is exact (SAS TS-140).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

MISSING = np.uint64(0x2E << 56)
"""The missing value ``.``: its character in the first byte, a fraction of zero."""

_SIGN = np.uint64(1 << 63)
_IEEE_FRACTION = np.uint64((1 << 52) - 1)
_IBM_FRACTION = np.uint64((1 << 56) - 1)

_SMALLEST = 16.0**-65
_TOO_LARGE = 16.0**63


def representable(values: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Whether each value is zero or of a magnitude within [16**-65, 16**63)."""
    magnitude = np.abs(values)
    within = (magnitude >= _SMALLEST) & (magnitude < _TOO_LARGE)
    return np.asarray(within | (magnitude == 0), dtype=np.bool_)


def to_ibm(values: NDArray[np.float64]) -> NDArray[np.uint64]:
    """Representable IEEE doubles as IBM doubles (native integers; the file has them big-endian).

    Negative zero becomes zero, which it equals.
    """
    bits = values.view(np.uint64)
    biased = ((bits >> np.uint64(52)) & np.uint64(0x7FF)) + np.uint64(1)
    fraction = (bits & _IEEE_FRACTION) | np.uint64(1 << 52)
    # The binary exponent is 4 * sixteens + rest: the rest shifts the fraction, losing nothing.
    exponent = (biased >> np.uint64(2)) - np.uint64(191)
    ibm = (bits & _SIGN) | (exponent << np.uint64(56)) | (fraction << (biased & np.uint64(3)))
    return np.where(values == 0, np.uint64(0), ibm)


def from_ibm(ibm: NDArray[np.uint64]) -> NDArray[np.float64]:
    """IBM doubles as IEEE doubles; the missing values (``.``, ``._``, ``.A`` to ``.Z``) as NaN."""
    fraction = ibm & _IBM_FRACTION
    exponent = ((ibm >> np.uint64(56)) & np.uint64(0x7F)).astype(np.int32)
    magnitude = np.ldexp(fraction.astype(np.float64), 4 * (exponent - 64) - 56)
    values = np.where(ibm & _SIGN, -magnitude, magnitude)
    values[(fraction == 0) & (ibm != 0)] = np.nan
    return values
