"""Alert rules and the dashboard name metrics that the service offers."""

import json
import re
from pathlib import Path

import pytest
import yaml

from partnergate.service.metrics import ServiceMetrics

OPS = Path(__file__).parents[2] / "ops"
NAME = re.compile(r"partnergate_[a-z_]+")


def expressions(file):
    if file == "alerts.yaml":
        groups = yaml.safe_load((OPS / file).read_text())["groups"]
        return [rule["expr"] for group in groups for rule in group["rules"]]
    panels = json.loads((OPS / file).read_text())["panels"]
    return [target["expr"] for panel in panels for target in panel["targets"]]


def offered():
    found = set()
    for family in ServiceMetrics().registry.collect():
        suffixes = {"counter": ("_total",), "histogram": ("_bucket", "_count", "_sum")}.get(
            family.type, ("",)
        )
        found |= {family.name + suffix for suffix in suffixes}
    return found


@pytest.mark.parametrize("file", ["alerts.yaml", "grafana-dashboard.json"])
def test_every_metric_named_is_offered(file):
    named = {name for expression in expressions(file) for name in NAME.findall(expression)}
    assert named
    assert named <= offered()
