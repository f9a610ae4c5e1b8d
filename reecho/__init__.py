"""reecho: a convolutional variational autoencoder on Labeled Faces in the Wild, as a report that reruns itself.

ARCHITECTURE.md says how its modules hold together; `reecho.__main__` has the commands.
"""

import os

__version__ = "0.7.0"

os.environ["KERAS_BACKEND"] = "tensorflow"  # read when Keras is imported, before a user's keras.json
