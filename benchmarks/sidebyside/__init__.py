"""Two systems side by side on one machine.

system: one of the two, with its interpreter, its home and its copies of the flows. reading: what one measured process
took. row: one line of the table, with what is demanded of it. group: a file that measures a few related rows.
"""
