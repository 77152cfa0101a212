"""What the two teams agreed: a file people read, a typed model, versions and changes."""
