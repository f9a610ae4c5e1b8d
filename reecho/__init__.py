"""reecho: a convolutional variational autoencoder on Labeled Faces in the Wild, as a report that reruns itself.

The modules, in the order of the line faces → inputs → encode → z → decode → compare → report: settings, data, augment,
tasks, model, initialise, training, storage, latent, attributes, baselines, metrics, results, plots, report, pipeline, apply.
"""

__version__ = "0.2.0"
