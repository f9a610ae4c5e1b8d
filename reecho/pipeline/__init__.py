"""Which notebook needs and makes which file; runs only what changed."""

from reecho.pipeline.publish import publish
from reecho.pipeline.run import report
from reecho.pipeline.steps import STEPS, Step

__all__ = ["STEPS", "Step", "publish", "report"]
