"""Every form of a graph crossed with everything a step can do: flows are written, run and judged by machine.

A shape is a graph, a behaviour is what its steps do; a cell is both: one flow in one file, and a story of how it must
go, told without the engine. A door is a way to run it.
"""
