"""Plan, journal, commit, recover, verify. Nothing else writes inside a profile."""
