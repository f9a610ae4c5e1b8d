"""Principal components: those of a known covariance, by whichever method."""

import numpy as np
import pytest

from reecho import components
from reecho.errors import ReechoError

DEVIATIONS = np.array([5.0, 3.0, 2.0, 1.0, 0.5, 0.1])


def with_covariance(samples: int, values: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Samples of mean 0 whose covariance is exactly axes · diag(DEVIATIONS²) · axesᵀ; and the axes, (values, 6)."""
    rng = np.random.default_rng(seed)
    axes, _ = np.linalg.qr(rng.standard_normal((values, len(DEVIATIONS))))
    scores = rng.standard_normal((samples, len(DEVIATIONS)))
    scores, _ = np.linalg.qr(scores - scores.mean(axis=0))  # orthonormal columns of mean 0
    return np.sqrt(samples) * scores * DEVIATIONS @ axes.T, axes


def cosines(axes: np.ndarray, true: np.ndarray) -> np.ndarray:
    """Absolute cosines of axes with the true ones: the sign of an axis is arbitrary."""
    return np.abs((axes * true[:, : axes.shape[1]]).sum(axis=0))


@pytest.mark.parametrize("kind", ["float32", "float64"])
@pytest.mark.parametrize("count", [2, 4, 6])
@pytest.mark.parametrize(("samples", "values"), [(300, 40), (40, 300), (300, 300)])
def test_axes_and_variances_are_those_of_the_covariance(samples, values, count, kind):
    centred, true = with_covariance(samples, values)
    variances, axes = components.principal_axes(centred.astype(kind), count)
    assert variances == pytest.approx(DEVIATIONS[:count] ** 2, rel=1e-3)
    assert axes.dtype == kind and cosines(axes, true) == pytest.approx(np.ones(count), abs=1e-3)
    assert axes.T @ axes == pytest.approx(np.eye(count), abs=1e-3)


@pytest.mark.parametrize(("samples", "values"), [(300, 40), (40, 300)])
def test_axes_that_the_samples_do_not_span_are_left_out(samples, values):
    variances, axes = components.principal_axes(with_covariance(samples, values)[0])
    assert len(variances) == axes.shape[1] == len(DEVIATIONS)
    assert len(components.principal_axes(np.array([[-3.0, -4.0, 0.0], [3.0, 4.0, 0.0]]))[0]) == 1  # two samples span a line


def test_the_randomised_method_gives_the_same_axes_and_a_seed_the_same_numbers(monkeypatch):
    centred, true = with_covariance(300, 60)
    exact, _ = components.principal_axes(centred, 4)
    monkeypatch.setattr(components, "LARGEST_EXACT", 10)
    variances, axes = components.principal_axes(centred, 4, seed=1)
    assert variances == pytest.approx(exact, rel=1e-3) and cosines(axes, true) == pytest.approx(np.ones(4), abs=1e-3)
    assert (components.principal_axes(centred, 4, seed=1)[1] == axes).all()


def test_the_largest_eigenvalues_come_first_and_none_is_below_0():
    symmetric = np.diag([1.0, 4.0, -1e-9, 9.0])
    values, vectors = components.largest(symmetric.copy(), 4)
    assert values == pytest.approx([9, 4, 1, 0]) and values.min() >= 0
    assert np.abs(vectors).round(6).argmax(axis=0).tolist() == [3, 1, 0, 2]
    assert components.largest(symmetric.copy(), 2)[0] == pytest.approx([9, 4])


def test_randomised_is_about_rows_and_not_about_their_mean():
    rows = np.array([[3.0, 0.0, 0.0], [0.0, 2.0, 0.0], [0.0, 0.0, 1.0], [4.0, 0.0, 0.0]])
    values, axes = components.randomised(rows, 2)
    assert values == pytest.approx([25, 4]) and np.abs(axes) == pytest.approx(np.eye(3)[:, :2], abs=1e-6)


def test_one_sample_has_no_axes():
    with pytest.raises(ReechoError, match="two faces"):
        components.principal_axes(np.zeros((1, 4)))
