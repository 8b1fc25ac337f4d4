"""What browsers load from us: fetched from npm at set-up, never committed."""
