"""The networks, a module each with `build` and `start`; `reecho.networks.registry` says what there is and can be read without them."""
