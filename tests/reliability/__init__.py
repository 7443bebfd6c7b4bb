"""Things break on purpose here: processes die, disks fail, the power goes; and what is left is looked at."""
