"""What the kit costs, and what it withstands: measured by commands, not by tests."""
