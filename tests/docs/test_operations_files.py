"""Alert rules and the dashboard are valid and use only metrics and labels of the service."""

import configparser
import json
import re
import shutil
import subprocess
from pathlib import Path

import promql_parser
import pytest
import yaml
from prometheus_client import Counter, Histogram

from partnergate.service.app import STOP_SECONDS
from partnergate.service.metrics import ServiceMetrics

OPS = Path(__file__).parents[2] / "ops"
FILES = ("alerts.yaml", "grafana-dashboard.json")
OF_COUNTERS = {"rate", "increase", "irate"}
OF_GAUGES = {"delta", "deriv", "idelta"}


def expressions(file):
    if file == "alerts.yaml":
        groups = yaml.safe_load((OPS / file).read_text())["groups"]
        return [rule["expr"] for group in groups for rule in group["rules"]]
    panels = json.loads((OPS / file).read_text())["panels"]
    return [target["expr"] for panel in panels for target in panel["targets"]]


def rules():
    (group,) = yaml.safe_load((OPS / "alerts.yaml").read_text())["groups"]
    return group["rules"]


def offered():
    """Return series name -> (labels, whether it is a counter)."""
    found = {"up": ({"job"}, False)}
    for metric in vars(ServiceMetrics()).values():
        if not hasattr(metric, "_labelnames"):
            continue
        labels = set(metric._labelnames)
        if isinstance(metric, Histogram):
            found |= {f"{metric._name}_bucket": (labels | {"le"}, True)}
            found |= {f"{metric._name}_{end}": (labels, True) for end in ("count", "sum")}
        elif isinstance(metric, Counter):
            found[f"{metric._name}_total"] = (labels, True)
        else:
            found[metric._name] = (labels, False)
    return found


def test_labels_come_from_bounded_sets():
    """Partners and realms are limited by the files. Users, sessions, and events are unbounded."""
    labels = set().union(*(names for name, (names, _) in offered().items() if name != "up"))
    assert labels == {"le", "outcome", "partner", "problem", "realm", "reason", "route", "seen", "status"}


def series(node, function=""):
    """Yield every series of an expression: (name, labels, function around its range)."""
    match type(node).__name__:
        case "VectorSelector":
            yield node.name, {m.name for m in node.matchers.matchers}, function
        case "MatrixSelector":
            yield from series(node.vector_selector, function)
        case "Call":
            for argument in node.args:
                yield from series(argument, node.func.name)
        case "BinaryExpr":
            yield from series(node.lhs)
            yield from series(node.rhs)
        case "AggregateExpr" | "ParenExpr" | "UnaryExpr":
            yield from series(node.expr)
        case kind:
            assert kind in {"NumberLiteral", "StringLiteral"}, kind


@pytest.mark.parametrize("file", FILES)
def test_every_series_and_label_exists(file):
    known = offered()
    used_series = [one for expression in expressions(file) for one in series(promql_parser.parse(expression))]
    assert len(used_series) >= len(expressions(file))
    for name, labels, function in used_series:
        assert name in known, name
        assert labels <= known[name][0], (name, labels)
        assert not (function in OF_COUNTERS and not known[name][1]), f"{function} of {name}, which is a gauge"
        assert not (function in OF_GAUGES and known[name][1]), f"{function} of {name}, which is a counter"


def test_every_rule_has_a_severity_and_uses_labels_of_its_series():
    named = [rule["alert"] for rule in rules()]
    assert len(named) == len(set(named))
    known = offered()
    for rule in rules():
        assert set(rule) - {"for"} == {"alert", "expr", "labels", "annotations"}
        assert rule["labels"]["severity"] in {"page", "ticket"}
        labels = [known[name][0] for name, _, _ in series(promql_parser.parse(rule["expr"]))]
        used = set(re.findall(r"\$labels\.(\w+)", rule["annotations"]["summary"]))
        assert used <= set.union(*labels), rule["alert"]


@pytest.mark.parametrize(
    "metric",
    [
        "partnergate_read_lag_seconds",
        "partnergate_last_gap_end_timestamp_seconds",
        "partnergate_login_events_enabled",
        "partnergate_login_event_types_missing",
        "partnergate_clock_skew_seconds",
        "partnergate_read_failures",
        "partnergate_future_login_events",
        "partnergate_files_refused",
        "partnergate_store_up",
    ],
)
def test_every_metric_that_affects_billing_has_an_alert(metric):
    assert [rule["alert"] for rule in rules() if metric in rule["expr"]]


def test_the_systemd_unit_is_valid_and_runs_without_privileges(tmp_path):
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str
    unit.read(OPS / "partnergate@.service")
    service = unit["Service"]
    assert service["ExecStart"].split()[1:3] == ["serve", "--environment"]
    assert (service["DynamicUser"], service["NoNewPrivileges"], service["CapabilityBoundingSet"]) == (
        "yes",
        "yes",
        "",
    )
    assert int(service["TimeoutStopSec"]) > STOP_SECONDS
    if shutil.which("systemd-analyze") is None:
        return  # the rest needs systemd
    there = tmp_path / "partnergate@x.service"
    there.write_text(
        (OPS / "partnergate@.service").read_text().replace("/opt/partnergate/bin/partnergate", "/bin/true")
    )
    run = subprocess.run(["systemd-analyze", "verify", there], capture_output=True, text=True, check=False)
    assert (run.returncode, run.stderr) == (0, "")
