"""The segment store: what the ledger says of waiting, in columns ready to be measured. docs/adr/0007."""
