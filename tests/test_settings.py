"""Parameters: unknown names and impossible values stop, None takes the preset, explicit values win."""

import pytest

from reecho import context, settings
from reecho.errors import ReechoError
from reecho.networks.registry import NETWORKS, SHIPPED, SHIPPED_CHOICE, shipped_sizes
from reecho.tasks import TASKS


def test_none_takes_the_presets_value_and_an_explicit_value_wins():
    given = {"preset": "full", "samples": None}
    assert settings.resolve("05_generation", given).samples == settings.PARAMETERS["samples"].presets["full"]
    assert settings.resolve("05_generation", given | {"samples": 20}).samples == 20


def test_the_learnt_prior_has_an_anchored_network_of_its_own_unless_its_weight_is_0():
    of = settings.resolve("05_generation", {"prior_weight": 1000, "training": {"loss": "calibrated", "epochs": 3}})
    own = settings.prior_settings(of)
    assert (own.network, own.reconstruction_weight, own.loss, own.epochs) == ("anchored", 1000, "mse", 3)
    assert settings.prior_settings(settings.resolve("05_generation", {"prior_weight": 0})) is None
    assert settings.prior_settings(settings.resolve("04_denoising", {})) is None


def test_none_takes_what_suits_the_network_and_an_explicit_value_wins():
    given = {"preset": "full", "network": "colouriser", "task": "colourisation"}
    recipe = NETWORKS["colouriser"].recipe_for("full")
    found = settings.resolve("02_training", given)
    assert all(found.values[name] == value for name, value in recipe.items()) and recipe["rotation_range"] > 0
    assert settings.resolve("02_training", given | {"rotation_range": 0.0, "epochs": 2}).rotation_range == 0
    assert settings.resolve("02_training", {"preset": "full"}).rotation_range == 0  # the reference, as published


def test_a_network_learns_only_its_own_task():
    with pytest.raises(ReechoError, match=r"network=denoiser learns denoising, not colourisation; choose one of reference"):
        settings.resolve("02_training", {"network": "denoiser", "task": "colourisation"})
    with pytest.raises(ReechoError, match="the nearest sizes that it takes are 16 and 24"):
        settings.resolve("02_training", {"network": "denoiser", "task": "denoising", "size": 20})


def test_an_unknown_name_is_an_error_that_lists_the_names():
    with pytest.raises(ReechoError, match=r"Did you mean latent_dim.*reconstruction_weight"):
        settings.resolve("02_training", {"latent_dims": 3})


@pytest.mark.parametrize(
    ("notebook", "given"),
    [
        ("04_denoising", {"sigma": -0.1}),
        ("04_denoising", {"sigma": float("nan")}),
        ("04_denoising", {"sigma": "loud"}),
        ("02_training", {"latent_dim": True}),
        ("02_training", {"latent_dim": 1.5}),
        ("02_training", {"filters": [32, 64]}),
        ("02_training", {"filters": 32}),
        ("02_training", {"size": 30}),
        ("02_training", {"loss": "rsme"}),
        ("02_training", {"loss": "calibrated", "reconstruction_weight": 5.0}),
        ("02_training", {"horizontal_flip": "yes"}),
        ("01_data", {"copies": 2}),
        ("03_reconstruction", {"training": {"latent_dims": 3}}),
        ("03_reconstruction", {"training": {"size": 64}}),
        ("03_reconstruction", {"preset": "fast"}),
        ("04_denoising", {"denoisers": ["colouriser"]}),
        ("04_denoising", {"denoisers": []}),
        ("02_training", {"filters": [], "kernels": [], "strides": []}),
        ("09_nothing", {}),
    ],
)
def test_what_cannot_be_is_refused_with_a_sentence(notebook, given):
    with pytest.raises(ReechoError, match=r"[.;)]$"):
        settings.resolve(notebook, given)


def test_an_evaluation_names_the_network_that_training_makes():
    chosen = settings.resolve("03_reconstruction", {"seed": 3, "training": {"latent_dim": 64}})
    made = settings.resolve("02_training", {"seed": 3, "task": "denoising", "latent_dim": 64})
    assert settings.training_settings(chosen, "denoising").as_dict() == made.as_dict()


def test_a_name_that_papermill_only_warns_of_is_an_error():
    variables = {"sigma": 0.2, "sgima": 0.3, "In": ["", "sigma = 0.1", "# Parameters\nsigma = 0.2\nsgima = 0.3\n"]}
    with pytest.raises(ReechoError, match="sgima"):
        context.begin("04_denoising", variables)
    del variables["In"][2]
    assert context.begin("04_denoising", variables).settings.sigma == 0.2


def test_every_preset_gives_every_parameter_a_value_in_its_range():
    for notebook, names in settings.NOTEBOOKS.items():
        for preset in settings.PRESETS:
            found = settings.resolve(notebook, {"preset": preset})
            for name in names:
                if found.values[name] is not None:
                    settings.PARAMETERS[name].check(found.values[name])


def test_every_notebook_checks_the_networks_of_its_own_task():
    chosen = settings.resolve("04_denoising", {"training": {"network": "denoiser"}})
    assert settings.training_settings(chosen, "denoising").network == "denoiser"
    with pytest.raises(ReechoError, match="learns denoising, not reconstruction"):
        settings.resolve("03_reconstruction", {"training": {"network": "denoiser"}})


def test_the_shipped_network_is_left_out_or_refused_where_faces_have_another_size():
    assert "shipped" in settings.resolve("06_colourisation", {"preset": "quick"}).colourisers
    assert settings.resolve("06_colourisation", {"preset": "quick", "size": 48}).colourisers == ("reference",)
    assert "shipped" in settings.resolve("06_colourisation", {"preset": "quick", "size": 64}).colourisers
    with pytest.raises(ReechoError, match="takes faces of 32 or 64 pixels, not of 48; leave shipped out"):
        settings.resolve("06_colourisation", {"size": 48, "colourisers": ["shipped"]})
    assert settings.resolve("04_denoising", {"size": 64, "denoisers": ["shipped"]}).denoisers == ("shipped",)
    with pytest.raises(ReechoError, match="takes faces of 32 or 40 pixels, not of 36"):
        settings.resolve("04_denoising", {"size": 36, "denoisers": ["shipped"]})


@pytest.mark.parametrize(("notebook", "parameter"), [("04_denoising", "denoisers"), ("06_colourisation", "colourisers")])
def test_the_shipped_network_is_not_tested_on_people_whom_it_has_learnt_from(notebook, parameter):
    for dataset, seed, fits in (("auto", 3, False), ("lfw", 0, False), ("lfw", None, True), ("synthetic", 3, True)):
        chosen = settings.resolve(notebook, {"preset": "quick", "dataset": dataset, "split_seed": seed})
        assert ("shipped" in chosen.values[parameter]) is fits
        sentence = f"has learnt from people whom split_seed={seed} tests, so that {parameter} goes without it."
        assert [sentence in note for note in chosen.notes] == ([] if fits else [True])
        given = {"dataset": dataset, "split_seed": seed, parameter: ["shipped"]}
        if fits:
            assert settings.resolve(notebook, given).values[parameter] == ("shipped",)
        else:
            with pytest.raises(ReechoError, match=f"{parameter}=shipped .*whom split_seed={seed} tests; leave shipped out"):
                settings.resolve(notebook, given)


@pytest.mark.parametrize(("notebook", "parameter"), [("04_denoising", "denoisers"), ("06_colourisation", "colourisers")])
@pytest.mark.parametrize("preset", settings.PRESETS)
@pytest.mark.parametrize("size", [16, 48, 64, 128])
def test_a_preset_shows_networks_that_take_the_size_or_is_refused_at_once(notebook, parameter, preset, size):
    names = settings.PARAMETERS[parameter].presets[preset]
    unfit = [name for name in names if name != SHIPPED_CHOICE and size not in NETWORKS[name].sizes]
    if unfit:
        with pytest.raises(ReechoError, match=f"network={unfit[0]} cannot take faces of size={size} pixels"):
            settings.resolve(notebook, {"preset": preset, "size": size})
    else:
        shown = getattr(settings.resolve(notebook, {"preset": preset, "size": size}), parameter)
        task = next(task.name for task in TASKS.values() if task.networks == parameter)
        without = () if task in SHIPPED and size in shipped_sizes(task) else (SHIPPED_CHOICE,)
        assert shown == tuple(name for name in names if name not in without) != ()


def test_a_denoiser_of_one_strength_needs_some_noise():
    with pytest.raises(ReechoError, match="train_sigma, which must be above 0"):
        settings.resolve("02_training", {"task": "denoising", "network": "denoiser", "train_sigma": 0})
    blind = settings.resolve("02_training", {"task": "denoising", "network": "blind_denoiser", "train_sigma": 0})
    assert blind.network == "blind_denoiser"


@pytest.mark.parametrize("further", [{"denoisers": ["denoiser"]}, {"preset": "full"}, {"network": "denoiser"}])
def test_no_noise_in_training_makes_no_blind_denoiser_of_notebook_04(further):
    network = {"network": further.pop("network")} if "network" in further else {}
    with pytest.raises(ReechoError, match="network=denoiser is for noise of one strength, train_sigma, which must be above 0"):
        settings.resolve("04_denoising", {"training": {"train_sigma": 0, **network}, **further})


def test_no_noise_in_training_is_clean_faces_for_a_network_of_any_strength():
    chosen = settings.resolve("04_denoising", {"training": {"train_sigma": 0}, "denoisers": ["reference"]})
    made = settings.shown_settings(chosen, "denoising", "reference")
    assert (made.network, made.train_sigma) == ("reference", 0.0)


@pytest.mark.parametrize("size", [20, 24, 40, 48, 100])
def test_a_network_that_cannot_take_a_size_says_which_it_takes(size):
    with pytest.raises(ReechoError, match=f"network=colour_vae cannot take faces of size={size} pixels; the nearest sizes"):
        settings.resolve("06_colourisation", {"size": size, "colourisers": ["colour_vae"]})


def test_paths_are_shown_by_their_last_part_and_where_lfw_lies_is_not():
    chosen = settings.resolve("01_data", {"dataset": "/home/me/private/my_faces", "lfw": "/home/me/lfw.tgz"})
    assert chosen.shown()["dataset"] == "my_faces" and "lfw" not in chosen.shown()
    assert settings.resolve("01_data", {}).shown()["dataset"] == "auto"


@pytest.mark.parametrize(
    ("notebook", "name", "text", "value"),
    [
        ("04_denoising", "denoisers", "reference,denoiser", ("reference", "denoiser")),
        ("04_denoising", "denoisers", '["reference"]', ("reference",)),
        ("04_denoising", "each_sigma", "true", True),
        ("04_denoising", "sigma", "0.2", 0.2),
        ("04_denoising", "split_seed", "None", None),
        ("04_denoising", "denoisers", "None", ("reference", "shipped")),
        ("02_training", "filters", "32,64,64,64", (32, 64, 64, 64)),
        ("01_data", "lfw", "none", None),
    ],
)
def test_texts_are_read_as_the_command_line_gives_them(notebook, name, text, value):
    assert getattr(settings.resolve(notebook, {name: text}), name) == value
    assert settings.parse(name, text) in (value, None)


@pytest.mark.parametrize("text", ["nobody", ""])
def test_a_text_that_names_no_network_is_refused(text):
    with pytest.raises(ReechoError, match="denoisers"):
        settings.resolve("04_denoising", {"denoisers": text})


@pytest.mark.parametrize("path", ["/home/ada/фото", "C:\\Users\\Ada\\faces", '/home/ada/a "b"'])
def test_a_private_path_is_hidden_also_where_papermill_escapes_it(path):
    from papermill.translators import PythonTranslator

    from reecho.settings import resolve

    cell = PythonTranslator.translate_str(path)
    for text, shown in resolve("01_data", {"dataset": path}).private().items():
        cell = cell.replace(text, shown)
    assert "ada" not in cell.lower() and "Users" not in cell


@pytest.mark.parametrize("size", [32, "32", 32.0, 64])
@pytest.mark.parametrize(("notebook", "parameter"), [("06_colourisation", "colourisers")])
def test_the_shipped_network_is_shown_at_its_sizes_and_left_out_with_a_word_at_others(notebook, parameter, size):
    shown = settings.resolve(notebook, {"preset": "full", "size": size})
    assert "shipped" in shown.values[parameter] and shown.notes == ()
    for other in (48, "48"):
        without = settings.resolve(notebook, {"preset": "quick", "size": other})
        assert "shipped" not in without.values[parameter]
        assert without.notes == (
            f"The network that comes with reecho takes faces of 32 or 64 pixels, not of 48, so that {parameter} goes without it.",
        )


@pytest.mark.parametrize("name", settings.PATHS)
def test_a_path_that_is_no_text_is_refused(name):
    with pytest.raises(ReechoError, match="bytes in its name that are no text"):
        settings.PARAMETERS[name].check("/data/Zo\udceb")


def test_the_reference_network_has_one_halving_more_from_64_pixels_on_and_what_is_chosen_wins():
    def chosen(**given):
        values = settings.resolve("02_training", given)
        return values.filters, values.kernels, values.strides

    document = ((32, 64, 64, 64), (3, 3, 3, 3), (1, 2, 2, 1))
    assert chosen() == chosen(size=60) == chosen(size=68) == document  # 68 is no multiple of 8
    assert chosen(size=64) == ((32, 64, 64, 192, 192), (3,) * 5, (1, 2, 2, 2, 1))
    assert chosen(size=64, strides=(1, 2, 2, 1)) == document
    assert chosen(size=64, filters=(8, 8, 8, 8))[2] == (1, 2, 2, 1)
    assert chosen(size=64, filters=(8, 8, 8, 8, 8))[2] == (1, 2, 2, 2, 1)
    assert chosen(size=64, strides=None, filters="none") == chosen(size=64)
    assert settings.resolve("02_training", {"filters": (32, 64, 64, 64)}).changed == ()
    assert settings.resolve("02_training", {"size": 64, "filters": (32, 64, 64, 64)}).changed == ("size", "filters")
