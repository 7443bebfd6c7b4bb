"""The recorded facts: runs, tasks, tags, plans, manifests; append-only but for tags and states.

batch: the events of one `append`, folded to what must be written. dialect: how one database spells SQL. query: a
named statement of `sql/queries.sql`. migration: a numbered file of `sql/` that takes the schema one version forward.
"""
