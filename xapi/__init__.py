"""Learning records: words, grammar, validator, client and an embedded record store."""
