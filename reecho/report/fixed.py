"""Texts that every page has: what the intervals mean."""

from __future__ import annotations

INTERVALS_ANCHOR = "what-the-intervals-mean"
INTERVALS = f"""## What the intervals mean {{#{INTERVALS_ANCHOR}}}

The two numbers in brackets are a 95 % interval from a bootstrap over people. The mean is computed again for 2,000 random selections
of the held-out people, drawn with replacement; 95 % of these means lie in the interval. People are drawn and not pictures, because
pictures of one person resemble each other: drawing pictures would treat them as independent and give intervals that are too narrow.
The rule for data of your own: draw what is independent.

KIDs of new faces are the exception. Their intervals come from leaving out a twentieth of both sets at a time (the jackknife).

**What they cover.** Which people happen to be among those that are tested.

**What they do not cover.** Another training of the same network from another seed (`seeds` = 3 trains each one three times and
lists the spread), another division of the people into train, validation and test, and people who are not like those in the data.
The summary shows under “How much is luck?” what a sweep over seeds and divisions found.

**Two methods.** All methods are tested on the same pictures, so the errors of two methods rise and fall together. Their difference
is therefore known better than each of the two means: two methods can differ reliably although their intervals overlap. Before
saying that they do not differ, look at the interval of their paired difference, taken picture by picture on the same pictures.
"""
