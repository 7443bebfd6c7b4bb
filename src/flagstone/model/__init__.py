"""Nouns and rules: flow, step, run, task, attempt, artifact, plan, job. Frozen, no I/O, stdlib and msgspec only.

run: one execution of a flow, `Flow/7`. task: one execution of a step in a run, `Flow/7/train/12`. attempt: one
try at a task. artifact: a value that a task left on `self`. plan: what a flow's source says, as data. job: what
a compute back end needs in order to run one attempt. manifest: the list of a task's artifacts.
"""
