"""No attack earns more than its honest part, and nothing is left of it afterwards."""

from __future__ import annotations

import tempfile
from pathlib import Path

import psutil
import pytest

from tests.corpus import FUNCTIONS, entries, grade, scores, words

pytestmark = pytest.mark.jail

ATTACKS = entries(Path(__file__).parent / "saliency")


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.path.stem)
def test_an_attack_gains_nothing_and_is_given_its_reason(attack, tmp_path):
    verdict = grade(attack.hand_in(tmp_path))
    honest = attack.scores("honest")
    earned = scores(verdict)
    gained = {name: earned[name] for name in FUNCTIONS if earned[name] > honest[name]}
    assert gained == {}, words(verdict)
    assert attack.line("reason").lower() in words(verdict).lower()
    never = attack.line("never")
    assert not (never and Path(never).exists())
    assert verdict.jail == "bubblewrap"


def test_every_class_of_attack_is_tried():
    tried = {int(number) for attack in ATTACKS for number in attack.line("class").split(",")}
    assert tried | {17} == set(range(1, 22))  # 17, metadata, is in tests/submissions/damage.py


def test_no_process_and_no_folder_is_left_behind(tmp_path, monkeypatch):
    (daemons,) = [attack for attack in ATTACKS if attack.path.stem == "daemons"]
    with tempfile.TemporaryDirectory(prefix="t") as own:  # a short path, as a socket's must be
        monkeypatch.setattr(tempfile, "tempdir", own)
        grade(daemons.hand_in(tmp_path))
        lines = [
            " ".join(process.info["cmdline"] or []) for process in psutil.process_iter(["cmdline"])
        ]
        assert [line for line in lines if own in line] == []
        assert list(Path(own).iterdir()) == []
