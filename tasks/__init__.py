"""One thin Prefect task per step: cache, retry and naming policy; no logic."""
