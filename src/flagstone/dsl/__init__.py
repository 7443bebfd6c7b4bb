"""What users write: flows, steps, parameters, decorators; and how a class becomes a plan.

flow: a class that derives from FlowSpec. step: a method of it under `@step`. parameter: a value that the one who
runs the flow chooses. constant: any other class attribute. artifact: anything assigned to `self` in a step.
"""
