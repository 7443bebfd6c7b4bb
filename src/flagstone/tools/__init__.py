"""Tools for the code of steps: many processes for one task, measured time, and names that explain themselves."""
