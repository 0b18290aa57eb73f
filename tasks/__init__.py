"""One Prefect task a step: caching, retries and names are decided here, and nothing else is."""
