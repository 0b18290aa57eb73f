"""What says that new records are other than those of the last delivery; measures and their sources.

All compare two samples that have no record in common: the records of the last delivery, and those
that are new since. Each has a size of effect, which the study sets, and a test, so that a handful
of records alarms nobody. Records of one subject are no independent draws; the tests are strict
(``ALPHA``) for that reason, and are no proof.

- Completeness: the difference of the filled shares, with Fisher's exact test, one-sided (Fisher
  1922; exact for small tables).
- Codes: the population stability index, PSI = Σ (q − p) ln(q / p) (Siddiqi 2006, *Credit Risk
  Scorecards*: above 0.25 the population has shifted), each count with 0.5 added. Without any shift
  its size is about (1/n + 1/m) times a χ² of k − 1 degrees of freedom (Yurdakul and Naranjo 2020,
  *J. Risk Model Validation* 14(3)): what lies within that is no shift either.
- Numbers: the shift of the median in robust standard deviations, IQR / 1.349 (Huber and Ronchetti
  2009, *Robust Statistics*), with the two-sample Kolmogorov–Smirnov test (asymptotic).
- Units: where the median is moved by a factor that is a conversion of units, and the numbers agree
  again when they are divided by it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

ALPHA = 0.001
"""A column in a thousand is told by chance alone; a study has some hundreds."""
_NORMAL_IQR = 1.349
"""The interquartile range of a normal distribution in its standard deviations."""
_FACTOR_TOLERANCE = 0.1
_CONVERSIONS: tuple[tuple[float, str], ...] = (
    (10.0, "10"),
    (100.0, "100"),
    (1000.0, "1000"),
    (2.2046, "2.2 (kg and lb)"),
    (2.54, "2.54 (inch and cm)"),
    (18.016, "18 (glucose, mmol/L and mg/dL)"),
    (17.104, "17.1 (bilirubin, mg/dL and µmol/L)"),
    (38.67, "38.7 (cholesterol, mmol/L and mg/dL)"),
    (88.42, "88.4 (creatinine, mg/dL and µmol/L)"),
)
Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Filled:
    """Filled records of how many."""

    filled: int
    records: int

    @property
    def share(self) -> float:
        """0 to 1."""
        return self.filled / self.records if self.records else 0.0


def is_less_complete(before: Filled, new: Filled, least: float) -> bool:
    """Whether the filled share fell by ``least`` or more, and not by chance."""
    if before.share - new.share < least:
        return False
    from scipy.stats import hypergeom

    records = before.records + new.records
    filled = before.filled + new.filled
    return bool(hypergeom.cdf(new.filled, records, filled, new.records) < ALPHA)


def stability_index(before: Mapping[str, int], new: Mapping[str, int]) -> tuple[float, float]:
    """The PSI of two counts of codes, and the PSI that chance alone may give."""
    from scipy.stats import chi2

    codes = sorted(before.keys() | new.keys())
    p, q = _shares(before, codes), _shares(new, codes)
    index = float(((q - p) * np.log(q / p)).sum())
    sizes = 1 / sum(before.values()) + 1 / sum(new.values())
    return index, float(sizes * chi2.ppf(1 - ALPHA, max(len(codes) - 1, 1)))


def _shares(counts: Mapping[str, int], codes: Sequence[str]) -> Numbers:
    found = np.array([counts.get(code, 0) for code in codes], dtype=np.float64) + 0.5
    shares: Numbers = found / found.sum()
    return shares


def shift(before: Numbers, new: Numbers) -> float:
    """By how many robust standard deviations the median of the new numbers lies elsewhere."""
    moved = float(np.median(new) - np.median(before))
    spread = float(np.subtract(*np.percentile(before, [75, 25]))) / _NORMAL_IQR
    spread = spread or float(before.std())
    if spread:
        return moved / spread
    return float(np.copysign(np.inf, moved)) if moved else 0.0


def is_otherwise(before: Numbers, new: Numbers) -> bool:
    """Whether two samples hardly come from one distribution (Kolmogorov–Smirnov)."""
    from scipy.stats import ks_2samp

    return bool(ks_2samp(before, new, method="asymp").pvalue < ALPHA)


def conversion(before: Numbers, new: Numbers, least: float) -> str:
    """The factor between two units that explains the shift; "" where none does."""
    was, now = float(np.median(before)), float(np.median(new))
    if was * now <= 0:
        return ""
    ratio = now / was
    for factor, words in _CONVERSIONS:
        for scale, said in ((factor, words), (1 / factor, f"1/{words}")):
            near = abs(ratio / scale - 1) <= _FACTOR_TOLERANCE
            if near and abs(shift(before, new / scale)) < least:
                return said
    return ""
