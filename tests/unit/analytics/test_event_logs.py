import gzip
import os
from pathlib import Path

import pytest

from analytics.core.eventlog import EventLogError, LogColumns, read_event_log

REAL = Path(os.environ.get("CLEARWAY_REAL_LOGS", "no such folder"))
"""A folder with published event logs (receipt, helpdesk, BPIC 2013); they are not part of the project."""

XES = """<?xml version="1.0" encoding="UTF-8"?>
<log xes.version="1.0" xmlns="http://www.xes-standard.org/">
  <extension name="Time" prefix="time" uri="http://www.xes-standard.org/time.xesext"/>
  <global scope="event"><string key="concept:name" value="UNKNOWN"/></global>
  <string key="concept:name" value="the log's own name"/>
  <trace>
    <string key="concept:name" value="permit 1"/>
    <string key="channel" value="Internet"/>
    <event>
      <string key="concept:name" value="Decide"/>
      <string key="org:group" value="Council"/>
      <date key="time:timestamp" value="2024-03-02T09:00:00.000+01:00"/>
    </event>
    <event>
      <string key="concept:name" value="Receive"><string key="concept:name" value="nested, not the activity"/></string>
      <string key="org:group" value="Desk"/><string key="org:resource" value="Ann"/>
      <date key="time:timestamp" value="2024-03-01T09:00:00.000+01:00"/>
    </event>
    <event><string key="concept:name" value="Lost"/></event>
  </trace>
  <trace><event><string key="concept:name" value="Orphan"/>
    <date key="time:timestamp" value="2024-03-01T09:00:00Z"/></event></trace>
</log>
"""

CSV = """case:concept:name,case:channel,concept:name,org:resource,time:timestamp
p1,Internet,Receive,Ann,2024-03-01 09:00:00+01:00
p1,Internet,Decide,,2024-03-02 09:00:00+01:00
p2,Desk,Receive,Bob,2024-07-01 09:00:00+02:00
"""


@pytest.fixture
def saved(tmp_path):
    def save(text, name, encoding="utf-8"):
        path = tmp_path / name
        raw = text.encode(encoding)
        path.write_bytes(gzip.compress(raw) if name.endswith(".gz") else raw)
        return path

    return save


def rows(log):
    frame = log.events
    return list(
        zip(frame["case"], frame["activity"], frame["office"], frame["ts"].dt.strftime("%d %H:%M"), strict=True)
    )


@pytest.mark.parametrize("name", ["log.xes", "log.xes.gz"])
def test_xes_is_read_in_time_order_with_the_group_as_office(saved, name):
    log = read_event_log(saved(XES, name))
    assert rows(log) == [(0, "Receive", "Desk", "01 08:00"), (0, "Decide", "Council", "02 08:00")]
    assert log.office_from == "org:group"
    assert log.cases.to_dict("records") == [
        {"case": 0, "label": "permit 1", "channel": "Internet", "concept:name": "permit 1"}
    ]


def test_rows_read_are_rows_kept_plus_rows_rejected_by_reason(saved):
    log = read_event_log(saved(XES, "log.xes"))
    assert log.rows_read == len(log.events) + len(log.rejects) == 4
    assert log.dropped == {"no_time": 1, "no_case": 1}
    assert [(reject.place, reject.column) for reject in log.rejects] == [
        (3, "time:timestamp"),
        (4, "case:concept:name"),
    ]


@pytest.mark.parametrize("name", ["log.csv", "log.csv.gz"])
def test_csv_is_read_with_xes_names_by_default(saved, name):
    log = read_event_log(saved("\ufeff" + CSV, name))
    assert rows(log) == [
        (0, "Receive", "Ann", "01 08:00"),
        (0, "Decide", "unknown", "02 08:00"),
        (1, "Receive", "Bob", "01 07:00"),
    ]
    assert list(log.cases["channel"]) == ["Internet", "Desk"]
    assert log.naive_times == 0


def test_other_columns_are_named_and_naive_times_are_read_in_the_zone(saved):
    text = "id;what;when;who\n7;open;2024-07-01 09:00;Desk\n7;close;2024-07-02;Desk\n"
    columns = LogColumns(case="id", activity="what", timestamp="when", office="who", zone="America/Toronto")
    log = read_event_log(saved(text, "log.csv"), columns)
    assert rows(log) == [(0, "open", "Desk", "01 13:00"), (0, "close", "Desk", "02 04:00")]
    assert log.naive_times == 2


def test_local_times_that_a_clock_change_skips_or_doubles_are_kept(saved):
    text = "id,what,when\n1,a,2024-03-10 02:30\n1,b,2024-11-03 01:30\n"
    log = read_event_log(
        saved(text, "l.csv"), LogColumns(case="id", activity="what", timestamp="when", zone="America/Toronto")
    )
    assert rows(log) == [(0, "a", "unknown", "10 07:00"), (0, "b", "unknown", "03 05:30")]


def test_a_log_without_a_timestamp_column_names_the_column_and_the_option(saved):
    with pytest.raises(EventLogError, match=r"no column 'time:timestamp'.*--timestamp.*concept:name") as error:
        read_event_log(saved("case:concept:name,concept:name\n1,a\n", "log.csv"))
    assert "--timestamp" in error.value.french
    with pytest.raises(EventLogError, match=r"nothing readable in 'time:timestamp'"):
        read_event_log(saved(XES.replace("time:timestamp", "when"), "log.xes"))


def test_half_a_line_and_an_unreadable_time_are_rejected_with_their_line(saved):
    log = read_event_log(saved(CSV + "p3,Desk,Receive,Bob,yesterday\np3,Des", "log.csv"))
    assert [(reject.place, reject.reason, reject.found) for reject in log.rejects] == [
        (5, "unreadable_time", "yesterday"),
        (6, "incomplete_row", "2 of 5 cells"),
    ]


@pytest.mark.parametrize(
    ("name", "text", "encoding", "message"),
    [
        ("log.xlsx", "x", "utf-8", "Give a file ending in"),
        ("log.xes", "<log><trace>", "utf-8", "broken at line 1"),
        ("log.xes", "<html/>", "utf-8", "begins with <html>"),
        ("log.xes", '<!DOCTYPE log [<!ENTITY a "aaaa">]><log/>', "utf-8", "DOCTYPE"),
        ("log.xes", "<log/>", "utf-8", "no usable event"),
        ("log.csv", "", "utf-8", "no column"),
        ("log.csv", CSV.replace("Ann", "Zoé"), "latin-1", "not written in utf-8"),
    ],
)
def test_what_is_not_a_log_is_refused_in_a_sentence_in_both_languages(saved, name, text, encoding, message):
    with pytest.raises(EventLogError, match=message) as error:
        read_event_log(saved(text, name, encoding))
    assert error.value.french
    assert error.value.french != error.value.english


def test_a_file_cut_short_is_refused(tmp_path):
    path = tmp_path / "log.csv.gz"
    path.write_bytes(gzip.compress((CSV * 50).encode())[:-20])
    with pytest.raises(EventLogError, match="cut short or damaged"):
        read_event_log(path)


def test_an_unknown_zone_is_refused(saved):
    with pytest.raises(EventLogError, match="America/Toronto"):
        read_event_log(saved(CSV, "log.csv"), LogColumns(zone="Mars/Olympus"))


@pytest.mark.skipif(not REAL.is_dir(), reason="CLEARWAY_REAL_LOGS does not name a folder with published event logs")
@pytest.mark.parametrize(
    ("name", "cases", "events", "offices"),
    [
        ("coselog_environmental_permit_receipt/receipt.csv.gz", 1434, 8577, 10),
        ("helpdesk/helpdesk.xes.gz", 4580, 21348, 22),
        ("bpic2013_volvo_it/BPIC13_incidents.xes.gz", 7554, 65533, 649),
    ],
)
def test_published_logs_have_the_published_counts(name, cases, events, offices):
    log = read_event_log(REAL / name)
    assert (len(log.cases), len(log.events), log.events["office"].nunique()) == (cases, events, offices)
    assert log.events["ts"].dt.tz is not None
