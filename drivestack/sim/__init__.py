"""The lockstep runner, suites over processes, the episode log."""
