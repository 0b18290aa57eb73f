"""How collected texts become values: dates, numbers, units, terms, conditions."""
