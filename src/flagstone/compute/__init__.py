"""Where tasks run: one package a back end, each with its settings, behind the port `ports.compute`.

job: what a back end needs in order to run one attempt. launch, collect: start jobs, hear what became of them.
report: what a task process says at its end; an attempt that ends without one has vanished.
"""
