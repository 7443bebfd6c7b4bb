"""Other systems' names for what is here, off unless asked for: one file a system."""
