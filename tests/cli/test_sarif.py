"""`check --format sarif`: what code scanning takes, and the same on every machine."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from aipm_cards import __version__
from aipm_cards.cli import sarif as module
from aipm_cards.cli.sarif import sarif
from aipm_cards.content.cache.outcome import Outcome
from aipm_cards.content.load import load
from aipm_cards.diagnostics import RULES, Diagnostic
from tests import test_cases
from tests.cli.conftest import Run
from tests.packages.sample import write

STARRED = "deck: One\nnotes:\n  - id: starred\n    front: *Ré\U0001f600* of what?\n    back: Of the fraud.\n"


def log(run: Run, *arguments: object) -> dict[str, Any]:
    """The one run of what is printed."""
    document = json.loads(run("check", "--format", "sarif", *arguments).out)
    assert document["version"] == "2.1.0"
    assert document["$schema"].endswith("sarif-2.1.0.json")
    (one,) = document["runs"]
    assert isinstance(one, dict)
    return one


def is_sound(one: dict[str, Any]) -> None:
    """What SARIF 2.1.0 and GitHub ask of a run."""
    driver = one["tool"]["driver"]
    rules = driver["rules"]
    assert driver["name"]
    assert one["columnKind"] == "unicodeCodePoints"
    assert len({rule["id"] for rule in rules}) == len(rules)
    for rule in rules:
        assert rule["shortDescription"]["text"]
        assert rule["fullDescription"]["text"]
        assert rule["help"]["text"]
        assert rule["help"]["markdown"].count("```") == 4
        assert rule["defaultConfiguration"]["level"] in ("error", "warning")
    for result in one["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["level"] in ("error", "warning")
        assert result["message"]["text"]
        (location,) = result["locations"]
        place = location["physicalLocation"]["artifactLocation"]
        assert place["uriBaseId"] in one["originalUriBaseIds"]
        assert not place["uri"].startswith(("/", ".."))
        assert set(place["uri"]) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/%")
        assert min(location["physicalLocation"]["region"].values()) >= 1
        for fix in result.get("fixes", ()):
            for change in fix["artifactChanges"]:
                assert change["artifactLocation"] == place
                for replacement in change["replacements"]:
                    region = replacement["deletedRegion"]
                    start = region["startLine"], region["startColumn"]
                    assert start < (region["endLine"], region["endColumn"])
                    assert isinstance(replacement["insertedContent"]["text"], str)


def applied(text: str, result: dict[str, Any]) -> str:
    """A file with the fix of a result, as an editor makes it."""
    (fix,) = result["fixes"]
    ((replacement,),) = [change["replacements"] for change in fix["artifactChanges"]]
    region = replacement["deletedRegion"]
    lines = text.splitlines(keepends=True)

    def offset(line: int, column: int) -> int:
        return sum(map(len, lines[: line - 1])) + column - 1

    start = offset(region["startLine"], region["startColumn"])
    end = offset(region["endLine"], region["endColumn"])
    return text[:start] + replacement["insertedContent"]["text"] + text[end:]


def test_nothing_wrong(run: Run, sample: Path) -> None:
    one = log(run, sample)
    is_sound(one)
    assert one["results"] == []
    assert one["invocations"] == [{"executionSuccessful": True}]
    assert [rule["id"] for rule in one["tool"]["driver"]["rules"]] == list(RULES)
    assert one["tool"]["driver"]["semanticVersion"] == __version__


def test_a_finding_with_its_repair(run: Run, sample: Path) -> None:
    write(sample, {}, bad=STARRED)
    result = run("check", "--format", "sarif", sample)
    assert result.code == 1
    one = log(run, sample)
    is_sound(one)
    (finding,) = one["results"]
    assert (finding["ruleId"], finding["level"]) == ("Y204", "error")
    assert finding["message"]["text"].startswith("a text begins with '*'")
    assert "\nhint: write: front:" in finding["message"]["text"]
    assert finding["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "sample/bad.yaml", "uriBaseId": "%SRCROOT%"},
        "region": {"startLine": 4, "startColumn": 12},
    }
    assert applied(STARRED, finding) == STARRED.replace("*Ré\U0001f600* of what?", "'*Ré\U0001f600* of what?'")


@pytest.mark.parametrize("name", test_cases.NAMES)
def test_every_case(name: str, tmp_path: Path) -> None:
    root = test_cases.copy(name, tmp_path)
    problems = load(root)[1]
    log = json.loads(json.dumps(sarif(Outcome(root, "", 0, 0, problems))))
    is_sound(log["runs"][0])
    assert [result["ruleId"] for result in log["runs"][0]["results"]] == [problem.code for problem in problems]


def test_what_is_taken_out_goes_with_its_lines(run: Run, sample: Path) -> None:
    allow = "    allow:\n      S202: the law's own words\n"
    note = "deck: One\nnotes:\n  - id: a-note\n    front: What does a false alarm cost?\n    back: Sleep.\n"
    write(sample, {}, bad=note + allow)
    (finding,) = log(run, sample)["results"]
    assert finding["ruleId"] == "S901"
    assert applied(note + allow, finding) == note


def test_paths_are_those_of_the_repository(
    run: Run, nowhere: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    root = write(nowhere / "a b" / "décks#1", **{"x:y%": STARRED})

    def uris() -> set[str]:
        one = log(run, root)
        is_sound(one)
        return {r["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for r in one["results"]}

    assert uris() == {"a%20b/d%C3%A9cks%231/x%3Ay%25.yaml"}
    (nowhere / "a b" / ".git").mkdir()
    assert uris() == {"d%C3%A9cks%231/x%3Ay%25.yaml"}
    monkeypatch.chdir(root / "media")
    assert uris() == {"d%C3%A9cks%231/x%3Ay%25.yaml"}
    (nowhere / "a b" / ".git").rmdir()
    monkeypatch.chdir(tmp_path)
    assert uris() == {"here/a%20b/d%C3%A9cks%231/x%3Ay%25.yaml"}
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert uris() == {"x%3Ay%25.yaml"}


def test_more_than_code_scanning_takes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(module, "MOST", 2)
    problems = [Diagnostic(code, "a.yaml", n, 1, "m") for n, code in enumerate(("S101", "N102", "S102", "N101"), 1)]
    (one,) = json.loads(json.dumps(sarif(Outcome(tmp_path, "", 0, 0, problems))))["runs"]
    is_sound(one)
    assert [result["ruleId"] for result in one["results"]] == ["N102", "N101"]
    (notice,) = one["invocations"][0]["toolExecutionNotifications"]
    assert (notice["level"], notice["message"]["text"]) == ("warning", "2 of 4 findings are listed")


def test_it_holds_no_character_that_a_terminal_would_obey(run: Run, sample: Path) -> None:
    write(sample, {}, **{"ev\u202eil": STARRED.replace("starred", "Bad\u202e")})
    is_sound(log(run, sample))
    assert "\u202e" not in run("check", "--format", "sarif", sample).out
