"""The code that belongs to a flow: collected from its folder and its project's modules, and packed as an archive.

root: the folder of the flow's file. project module: a module that the flow imported from neither its folder nor an
installed package. package: what is collected, each file under the name by which it is imported on another machine.
"""
