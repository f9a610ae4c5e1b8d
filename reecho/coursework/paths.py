"""Ways through the course: which notebooks in which week, in 4 and in 12 weeks, with the project of one's own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from reecho.coursework.minutes import Minutes


@dataclass(frozen=True)
class Week:
    """A week of a path.

    Args:
        title: what it is about.
        lectures: the notebooks, by name without suffix; one that this version of reecho does not have is passed over.
        project: what is done for the project, a sentence, "" for nothing.
        project_minutes: for that, an estimate.
    """

    title: str
    lectures: tuple[str, ...]
    project: str = ""
    project_minutes: int = 0


PATHS = {
    4: (
        Week("What a VAE is, and its data", ("00_vae", "01_data"), "Choose a data set and write the question down.", 60),
        Week("The model and its measure", ("02_training", "03_reconstruction"), "Collect pictures and consent.", 120),
        Week("A task", ("04_denoising",), "Run the reports on your own pictures.", 120),
        Week("Faults and honest numbers", ("07_faults", "08_summary"), "Write four pages and present them.", 240),
    ),
    12: (
        Week("What a VAE is, and its data", ("00_vae", "01_data")),
        Week("Variational inference", ("02_training",)),
        Week("PCA, rate and distortion", ("03_reconstruction",), "Choose a data set and write the question down.", 60),
        Week("Inverse problems", ("04_denoising",)),
        Week("Pictures of any size", ("04_own_size",), "Collect pictures and consent.", 180),
        Week("The project begins", (), "Run the reports on your own pictures; hand in one page of first results.", 240),
        Week("Generative models", ("05_generation",)),
        Week("Colour, and the mean", ("06_colourisation",), "Write your prediction down, then change one thing.", 120),
        Week("The experiment", (), "Run the experiment with its baseline, on validation people alone.", 300),
        Week("Debugging and metrics", ("07_faults",)),
        Week("Honest numbers", ("08_summary",), "Measure once on test people; write four pages.", 300),
        Week("Presentations", (), "Present for ten minutes, and answer questions for five.", 120),
    ),
}


def table(weeks: tuple[Week, ...], minutes: Mapping[str, Minutes]) -> str:
    """A path as a table in Markdown, with the minutes of each week.

    Args:
        weeks: the path.
        minutes: notebook → how long it takes, for those that there are.
    """
    lines = ["| week | about | read and work through | reading | exercises | project |", "| --- | --- | --- | --- | --- | --- |"]
    for number, week in enumerate(weeks, 1):
        stems = [stem for stem in week.lectures if stem in minutes]
        reading, working = (sum(getattr(minutes[stem], kind) for stem in stems) for kind in ("reading", "working"))
        project = f"{week.project} ({week.project_minutes} min, an estimate)" if week.project else "–"
        names = ", ".join(f"`{stem}`" for stem in stems) or "–"
        lines.append(f"| {number} | {week.title} | {names} | {_minutes(reading)} | {_minutes(working)} | {project} |")
    stems = [stem for week in weeks for stem in week.lectures if stem in minutes]
    hours = sum(minutes[stem].reading + minutes[stem].working for stem in stems) + sum(week.project_minutes for week in weeks)
    return "\n".join(lines) + f"\n\nIn all {hours / 60:.0f} hours without the lectures, {hours / 60 / len(weeks):.1f} a week."


def _minutes(count: int) -> str:
    return f"{count} min" if count else "–"
