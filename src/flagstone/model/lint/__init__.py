"""The rules that a graph has to keep, one function each: it takes a draft and raises InvalidGraph or returns.

ends: where a flow begins and ends. methods: names, arguments, and the form of self.next. paths: loops, orphans, and
splits that their joins close. splits: what else holds for switches, foreach and gangs. `model.validate` has the order.
"""
