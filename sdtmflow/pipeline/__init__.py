"""The run of a study, without an orchestrator: artifacts, keys, isolation, gate and outcome."""
