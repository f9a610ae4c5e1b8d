"""How fast this machine does what reecho does, against what it could do: ratios over rounds taken in turn, and a page."""
