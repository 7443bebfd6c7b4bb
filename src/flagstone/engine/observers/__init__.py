"""Who watches a run. An observer is one file; which ones watch is decided where everything is wired."""
