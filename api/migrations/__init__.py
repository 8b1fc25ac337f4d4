"""The schema, step by step. `upgrade` brings a store up to date at every start."""
