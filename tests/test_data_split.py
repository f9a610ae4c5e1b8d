"""The split is by person, stable, and official where the data is LFW."""

from __future__ import annotations

import numpy as np
import pytest

from reecho.data import lfw, split
from reecho.errors import ReechoError


def names_of(people: int, each: int = 2) -> list[str]:
    return [f"Someone_{number:04d}/Someone_{number:04d}_{i:04d}" for number in range(people) for i in range(each)]


def official_names() -> list[str]:
    return sorted(f"{person}/{person}_0001" for person in lfw.official().parts)


def people_in(names, part, which):
    return {name.split("/")[0] for name, each in zip(names, part, strict=True) if each == which}


def shares(names, part):
    people = {which: len(people_in(names, part, which)) for which in split.PARTS}
    return {which: count / sum(people.values()) for which, count in people.items()}


@pytest.mark.parametrize("split_seed", [None, 0, 1])
@pytest.mark.parametrize("official", [lfw.official(), None], ids=["official", "by hash"])
def test_no_person_is_in_two_splits(official, split_seed):
    names = [*official_names(), *names_of(300, 3)]
    part = split.assign(names, official, split_seed)
    train, validation, test = (people_in(names, part, which) for which in split.PARTS)
    assert train and validation and test
    assert not (train & validation or train & test or validation & test)


def test_lfw_is_split_as_the_official_lists_say():
    lists = lfw.official().parts
    assert list(lists.values()).count("train") == 4038 and list(lists.values()).count("test") == 1711
    names = official_names()
    part = split.assign(names, lfw.official())
    tested = {person for person, which in lists.items() if which == "test"}
    assert people_in(names, part, "test") == tested - {"Carlos_Beltran", "Eva_Amurri"}
    assert people_in(names, part, "train") | people_in(names, part, "validation") == set(lists) - tested
    assert "AJ_Cook" not in tested and "AJ_Lamas" in tested


@pytest.mark.parametrize("split_seed", [None, 3])
def test_the_two_duplicates_are_left_out_whatever_the_split(split_seed):
    names = official_names()
    part = split.assign(names, lfw.official(), split_seed)
    assert {name for name, each in zip(names, part, strict=True) if each == "left out"} == lfw.official().left_out


def test_people_who_are_in_no_list_are_split_by_the_hash_of_their_name():
    names = names_of(400)
    assert (split.assign(names, lfw.official()) == split.assign(names)).all()


@pytest.mark.parametrize("split_seed", [None, 5])
def test_parts_have_the_shares_that_were_asked_for(split_seed):
    names = names_of(3000, 1)
    found = shares(names, split.assign(names, None, split_seed, validation_share=0.2))
    assert found["test"] == pytest.approx(0.28, abs=0.03)
    assert found["validation"] / (found["train"] + found["validation"]) == pytest.approx(0.2, abs=0.03)


def test_a_split_seed_draws_another_split_and_the_same_seed_the_same():
    names = names_of(300)
    first, again, other = (split.assign(names, None, seed) for seed in (1, 1, 2))
    assert (first == again).all()
    assert (first != other).mean() > 0.2 and (first != split.assign(names)).mean() > 0.2


def test_the_split_of_a_person_does_not_depend_on_who_else_is_there():
    few, many = names_of(200), names_of(400)
    assert (split.assign(few) == split.assign(many)[: len(few)]).all()


def test_the_smallest_set_gives_every_part_what_it_needs():
    names = names_of(12, 1)
    part = split.assign(names)
    assert {which: len(people_in(names, part, which)) for which in split.PARTS} == {"train": 2, "validation": 2, "test": 8}


def test_fewer_people_than_a_split_needs_are_refused():
    with pytest.raises(ReechoError, match=r"too few people to split: 11 people .* at least 12 people"):
        split.assign(names_of(11, 5))


@pytest.mark.parametrize("count", [12, 13, 24, 100, 240, 599])
@pytest.mark.parametrize("each", [1, 3, 30])
def test_a_subset_keeps_whole_people_and_eight_of_them_in_test(count, each):
    names = names_of(max(600 // each, 20), each)
    part = split.assign(names)
    chosen = split.subset(names, part, count)
    assert len(chosen) <= count and (np.diff(chosen) > 0).all()
    kept = [names[index] for index in chosen]
    for which, fewest in split.FEWEST.items():
        assert len(people_in(kept, part[chosen], which)) >= fewest
    if each == 1:
        assert len(chosen) >= count - 3
    if each == 3 and count >= 100:
        assert {sum(name.startswith(person + "/") for name in kept) for person in {name.split("/")[0] for name in kept}} == {3}


def test_a_subset_is_the_same_every_time_and_in_proportion():
    names = names_of(500, 2)
    part = split.assign(names)
    chosen = split.subset(names, part, 300)
    assert (chosen == split.subset(names, part, 300)).all()
    for which in split.PARTS:
        assert (part[chosen] == which).mean() == pytest.approx((part == which).mean(), abs=0.03)


def test_a_subset_that_is_too_small_is_refused():
    names = names_of(50)
    with pytest.raises(ReechoError, match="pictures=11 is too few"):
        split.subset(names, split.assign(names), 11)
