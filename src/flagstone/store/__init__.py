"""Where values lie.

A **blob** is immutable bytes under a key made from its **digest**. **Content** turns blocks of memory into blobs and
back. A **serializer** turns a value into a body and the large blocks beside it. **Artifacts** does all of it by name:
small bodies ride inside a task's manifest, what does not fit shares one **pack** blob, large blocks are blobs of
their own. `FORMAT.md` beside this file is the layout on disk.
"""
