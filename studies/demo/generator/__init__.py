"""Makes the raw exports of the fictional trial DEMO01 from a seed."""
