"""Brings the runs of an old `.metaflow` directory into the home, without running anything that lies in it."""
