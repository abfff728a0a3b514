"""`evaluate LOG … --format json`: its shape, its exit codes and how offices are named."""

import io
import json

import pandas as pd
import pytest
from django.core.management import CommandError, call_command

from analytics.management.commands.evaluate import Command
from tests.logs_with_a_change import Town, log_of

TOWN = Town(unrest=0.02, trends=0.02, own_season=0.0, cases_a_week=100)
COLUMNS = {"case": "case:concept:name", "activity": "concept:name", "office": "org:group", "ts": "time:timestamp"}


@pytest.fixture(scope="module")
def csv(tmp_path_factory):
    path = tmp_path_factory.mktemp("logs") / "log.csv"
    log_of(TOWN, 2).rename(columns=COLUMNS)[list(COLUMNS.values())].to_csv(path, index=False)
    return path


@pytest.fixture(scope="module")
def odd(tmp_path_factory):
    """The same with an office whose name has a comma."""
    path = tmp_path_factory.mktemp("logs") / "odd.csv"
    log = log_of(TOWN, 2).rename(columns=COLUMNS)[list(COLUMNS.values())]
    log["org:group"] = log["org:group"].cat.rename_categories({"office 0": "Parks, trees"})
    log.to_csv(path, index=False)
    return path


def run(*words):
    out, err = io.StringIO(), io.StringIO()
    call_command("evaluate", *map(str, words), stdout=out, stderr=err)
    return out.getvalue()


def as_json(*words):
    lines = run(*words, "--format", "json").splitlines()
    assert len(lines) == 1
    return json.loads(lines[0], parse_constant=pytest.fail)


CHANGED = ("--change-date", "2024-03-04", "--treated")


def test_one_log_prints_one_object(csv):
    found = as_json(csv, *CHANGED, "office 0")
    assert found["effect"]["low"] <= -0.25 <= found["effect"]["high"]
    assert found["effect"]["low"] < found["effect"]["estimate"] < found["effect"]["high"] < 0
    assert 0 <= found["p_value"] < 0.05
    assert found["quantity"].startswith("ratio of means")
    assert found["median"]["estimate"] < 0
    assert all(isinstance(warning, str) for warning in found["warnings"])
    assert found["treated"] == ["office 0"]
    assert "office 0" not in found["comparison"]


def test_more_logs_print_a_list_in_their_order(csv, odd):
    found = as_json(csv, odd, *CHANGED, "office 0")
    assert [one["log"] for one in found] == ["log.csv", "odd.csv"]
    assert found[0]["effect"]["estimate"] is not None
    assert found[1]["effect"] == {"estimate": None, "low": None, "high": None}


def test_a_refusal_prints_nulls_and_says_why(csv):
    found = as_json(csv, *CHANGED, "nobody")
    assert found["effect"] == {"estimate": None, "low": None, "high": None}
    assert found["p_value"] is None
    assert "nobody" in found["warnings"][0]


def test_offices_are_separated_by_commas_or_named_one_each_time(csv):
    together = as_json(csv, *CHANGED, "office 0,office 3")
    apart = as_json(csv, *CHANGED, "office 0", "--treated", "office 3")
    assert together == apart
    assert together["treated"] == ["office 0", "office 3"]


def test_a_name_with_a_comma_is_taken_as_it_stands(odd):
    alone = as_json(odd, *CHANGED, "Parks, trees")
    assert alone["treated"] == ["Parks, trees"]
    assert as_json(odd, *CHANGED, "Parks, trees", "--treated", "office 3")["treated"] == ["Parks, trees", "office 3"]


def test_a_date_may_carry_a_time_and_a_zone(csv):
    plain = as_json(csv, *CHANGED, "office 0")
    zoned = as_json(csv, "--change-date", "2024-03-03T19:00:00-05:00", "--treated", "office 0")
    assert zoned == plain


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--change-date", "March", "--treated", "office 0"), "is no date"),
        (("--change-date", "9999-12-31T23:59:59-23:00", "--treated", "office 0"), "is no date"),
        (("--change-date", "2024-03-04", "--treated", " "), "--treated is empty"),
        (("--change-date", "2024-03-04", "--treated", ","), "--treated is empty"),
        (("--change-date", "2024-03-04", "--treated", "office 0", "--treated", ""), "--treated is empty"),
        (("--change-date", "2024-03-04", "--treated", "office 0", "--case", "number"), "number"),
    ],
)
def test_wrong_arguments_end_with_two(csv, words, said):
    with pytest.raises(CommandError, match=said) as refused:
        run(csv, *words)
    assert refused.value.returncode == 2


@pytest.mark.parametrize("words", [("--change-date", "2024-03-04"), ("--treated", "office 0")])
def test_what_is_missing_ends_with_two_on_a_terminal(csv, words, capsys):
    command = Command()
    command._called_from_command_line = True
    with pytest.raises(SystemExit) as ended:
        command.create_parser("manage.py", "evaluate").parse_args([str(csv), *words])
    assert ended.value.code == 2
    assert "are required" in capsys.readouterr().err


def test_a_log_without_offices_says_so(csv, tmp_path):
    bare = tmp_path / "bare.csv"
    pd.read_csv(csv).drop(columns="org:group").to_csv(bare, index=False)
    err = io.StringIO()
    call_command("evaluate", str(bare), *CHANGED, "office 0", stdout=io.StringIO(), stderr=err)
    assert "The log names no office" in err.getvalue()


def test_a_file_that_is_not_there_ends_with_two(tmp_path):
    with pytest.raises(CommandError) as refused:
        run(tmp_path / "none.csv", *CHANGED, "office 0")
    assert refused.value.returncode == 2


def test_people_read_a_sentence(csv):
    said = run(csv, *CHANGED, "office 0")
    assert "time held -" in said
    assert "beside 7 offices" in said
