"""A grid of parameters on one machine or many: each point's notebooks, what they share trained once, one page of all results.

Nothing is imported here: `sweep.run` is for the machine that sweeps, and a worker needs `sweep.work` alone.
"""
