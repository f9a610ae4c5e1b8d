"""Attributes see what they are named for and nothing else; the steps of a code move the attribute that was asked."""

import numpy as np
import pytest

from reecho import attributes
from reecho.errors import ReechoError

BRIGHTNESS, LIGHT, WARMTH, BACKGROUND, CONTRAST, SMILE = range(6)


def flat(*colour):
    return np.full((1, 32, 32, 3), colour or 0.5, "float32")


def mouth(turned: float, teeth: float = 0.0) -> np.ndarray:
    """A grey face with a dark line for a mouth whose ends are `turned` pixels higher than its middle."""
    down, across = np.mgrid[:32, :32]
    line = 24.0 - turned * ((across - 15.5) / 7) ** 2
    tone = 0.6 - 0.3 * np.exp(-((down - line) ** 2)) * (np.abs(across - 15.5) < 8)
    tone[24:26, 13:19] += teeth
    return np.repeat(tone[None, ..., None], 3, axis=-1).astype("float32")


def test_a_flat_grey_picture_has_brightness_and_background_alone():
    assert attributes.measure(flat()) == pytest.approx(np.array([[0.5, 0, 0, 0.5, 0, 0]]), abs=1e-6)


def test_each_attribute_rises_with_what_it_is_named_for():
    lit = flat()
    lit[:, :, :16] += 0.1
    assert attributes.measure(lit)[0, LIGHT] == pytest.approx(0.1) == -attributes.measure(lit[:, :, ::-1])[0, LIGHT]
    assert attributes.measure(flat(0.6, 0.5, 0.4))[0, WARMTH] > 0.1 > -0.1 > attributes.measure(flat(0.4, 0.5, 0.6))[0, WARMTH]
    behind = flat()
    behind[:, :12, [0, 1, 2, 29, 30, 31]] = 0.9
    assert attributes.measure(behind)[0, [BRIGHTNESS, BACKGROUND]] == pytest.approx([0.5, 0.9])
    assert attributes.measure(behind)[0, CONTRAST] > 0.05


def test_brighter_is_more_brightness_and_more_background_alone():
    faces = np.random.default_rng(0).uniform(0.3, 0.6, (5, 32, 32, 3))
    rise = attributes.measure(faces + 0.2) - attributes.measure(faces)
    assert rise == pytest.approx(np.tile([0.2, 0, 0, 0.2, 0, 0], (5, 1)), abs=1e-6)


def test_a_smile_is_corners_turned_up_or_teeth_and_a_mirrored_one_is_the_same():
    frown, straight, smile, laugh = (attributes.measure(each)[0, SMILE] for each in (mouth(-3), mouth(0), mouth(3), mouth(3, 0.3)))
    assert frown < straight < smile < laugh
    assert attributes.measure(mouth(3)[:, :, ::-1])[0, SMILE] == pytest.approx(smile, abs=1e-6)


def test_a_face_twice_as_large_has_the_same_attributes():
    faces = np.random.default_rng(0).random((3, 32, 32, 3))
    assert attributes.measure(faces.repeat(2, axis=1).repeat(2, axis=2)) == pytest.approx(attributes.measure(faces))


def test_many_pictures_are_measured_as_one_by_one_and_other_shapes_are_refused():
    faces = np.random.default_rng(0).random((502, 32, 32, 3), "float32")
    assert attributes.measure(faces)[500:] == pytest.approx(attributes.measure(faces[500:]))
    for wrong in (faces[0], faces[:0]):
        with pytest.raises(ReechoError, match="n at least 1"):
            attributes.measure(wrong)


@pytest.mark.parametrize("size", [16, 24, 48, 80])
def test_any_size_is_measured(size):
    faces = np.full((2, size, size, 3), 0.4)
    faces[:, :, : size // 2] += 0.2
    assert attributes.measure(faces)[:, [BRIGHTNESS, LIGHT, CONTRAST]] == pytest.approx(np.tile([0.5, 0.2, 0.1], (2, 1)))


@pytest.fixture(scope="module")
def world():
    """Codes of 5 axes whose decoded pictures have brightness, with it some warmth, background and light in known axes."""
    rng = np.random.default_rng(0)
    codes = rng.standard_normal((2000, 5)).astype("float32")

    def decode(z):
        pictures = np.full((len(z), 32, 32, 3), 0.5, "float32")
        pictures += 0.03 * z[:, 0, None, None, None] * np.array([1.5, 0.9, 0.6])
        pictures[:, :12, :3] += 0.05 * z[:, 1, None, None, None]
        pictures[:, :12, 29:] += 0.05 * z[:, 1, None, None, None]
        pictures[:, :, :16] += 0.04 * z[:, 2, None, None, None]
        return pictures + 0.02 * (z[:, 0] + z[:, 3])[:, None, None, None] * np.array([1, 0, -1])

    return codes, decode, attributes.measure(decode(codes))


def test_what_codes_tell_is_found_on_others_and_what_they_do_not_is_not(world):
    codes, decode, values = world
    other = np.random.default_rng(1).standard_normal((500, 5)).astype("float32")
    explained = attributes.Directions.fit(codes, values, 1e-4).explained(other, attributes.measure(decode(other)))
    assert explained[[BRIGHTNESS, LIGHT, WARMTH, BACKGROUND]] == pytest.approx(np.ones(4), abs=0.01)
    unrelated = np.random.default_rng(2).standard_normal(values.shape)
    assert (np.abs(attributes.Directions.fit(codes, unrelated).explained(other, unrelated[:500])) < 0.1).all()


def test_a_step_obtains_what_was_asked_and_holds_the_others_where_it_is_told_to(world):
    codes, decode, values = world
    shown = [BRIGHTNESS, LIGHT, WARMTH, BACKGROUND]
    directions = attributes.Directions.fit(codes, values[:, shown], 1e-4)
    deviation = values.std(axis=0)
    held, free = (attributes.obtained(decode, codes[:50], directions.steps(h), deviation)[:, shown] for h in (True, False))
    assert held == pytest.approx(np.eye(4), abs=0.02)
    assert np.diag(free) == pytest.approx(np.ones(4), abs=0.02)
    assert free[0, 2] > 0.3  # brightness takes warmth along


def test_nothing_is_read_from_codes_of_other_pictures():
    with pytest.raises(ReechoError, match="same pictures"):
        attributes.Directions.fit(np.zeros((4, 2)), np.zeros((5, 6)))
