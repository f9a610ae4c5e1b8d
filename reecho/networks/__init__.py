"""The networks, a module each with `build` and `start`; `reecho.networks.registry` lists them and imports none of them."""
