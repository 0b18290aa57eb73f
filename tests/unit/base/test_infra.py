"""What stands in infra/ and cannot be started here: it parses, and its parts fit together."""

from __future__ import annotations

import inspect
import json
import re
import subprocess
from pathlib import Path

import pytest
from ruamel.yaml import YAML

ROOT = Path(__file__).parents[3]
INFRA = ROOT / "infra"


def read(name: str):
    return YAML(typ="safe", pure=True).load((INFRA / name).read_text(encoding="utf-8"))


def test_every_deployment_names_parameters_that_the_flow_has():
    from flows.run_study import run_study

    known = set(inspect.signature(run_study.fn).parameters)
    for deployment in read("prefect.yaml")["deployments"]:
        module, name = deployment["entrypoint"].split(":")
        assert (ROOT / module).is_file()
        assert name == run_study.fn.__name__
        assert set(deployment["parameters"]) <= known
        assert (ROOT / deployment["parameters"]["study"] / "study.yaml").is_file()
        assert deployment["schedules"]


def test_the_services_that_others_wait_for_are_there_and_have_a_health_check():
    services = read("compose.yaml")["services"]
    for service in services.values():
        for other, condition in service.get("depends_on", {}).items():
            if condition["condition"] == "service_healthy":
                assert "healthcheck" in services[other]


def test_no_secret_has_a_default():
    text = (INFRA / "compose.yaml").read_text(encoding="utf-8")
    for line in (INFRA / "compose.env.example").read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            name, _, value = line.partition("=")
            assert value == ""
            assert f"${{{name}:?" in text


def test_compose_mounts_and_asks_for_nothing_that_is_not_declared():
    text = (INFRA / "compose.yaml").read_text(encoding="utf-8")
    example = (INFRA / "compose.env.example").read_text(encoding="utf-8")
    compose = read("compose.yaml")
    mounts = [m for service in compose["services"].values() for m in service.get("volumes", [])]
    named = {mount.split(":")[0] for mount in mounts if not mount.startswith(".")}
    assert named == set(compose["volumes"])
    for folder in (mount.split(":")[0] for mount in mounts if mount.startswith(".")):
        assert (INFRA / folder).is_dir()
    for name in re.findall(r"\$\{(\w+)", text):
        assert f"\n{name}=" in example


def test_the_image_holds_what_the_wheel_holds():
    dockerfile = (INFRA / "Dockerfile").read_text(encoding="utf-8")
    for package in ("cli", "flows", "tasks", "expectations", "sdtm_mappings", "sdtmflow"):
        assert f"COPY {package} {package}" in dockerfile


def allowed(role: str) -> set[str]:
    """What the role's policy allows anywhere."""
    policy = json.loads((INFRA / f"policies/{role}.json").read_text(encoding="utf-8"))
    statements = policy["Statement"]
    return {act for each in statements if each["Effect"] == "Allow" for act in each["Action"]}


ROLES = sorted(path.stem for path in (INFRA / "policies").glob("*.json"))


@pytest.mark.parametrize("role", ROLES)
def test_a_role_names_each_right_and_none_may_bypass_a_lock(role):
    assert not [action for action in allowed(role) if "*" in action or "Bypass" in action]


@pytest.mark.parametrize("role", sorted(set(ROLES) - {"administrator"}))
def test_nobody_but_the_administrator_may_delete(role):
    assert not [action for action in allowed(role) if "Delete" in action]


def test_every_role_gets_its_user_and_its_policy():
    script = (INFRA / "policies/set-up.sh").read_text(encoding="utf-8")
    service = read("compose.yaml")["services"]["buckets"]
    for role in ROLES:
        assert f"user {role} " in script
        assert f"{role.upper()}_PASSWORD" in service["environment"]


@pytest.mark.parametrize("script", sorted(INFRA.rglob("*.sh")), ids=lambda path: path.name)
def test_scripts_parse(script):
    subprocess.run(["sh", "-n", str(script)], check=True)


def test_the_recorder_has_a_time_to_rest():
    """Prefect takes whole seconds, and does not wait at all for less than one."""
    from flows.environment import DEFAULTS

    name = "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_FLUSH_INTERVAL"
    assert int(float(DEFAULTS[name])) >= 1
    manual = (ROOT / "docs/how-to/run-on-a-server.md").read_text(encoding="utf-8")
    assert f"export {name}={DEFAULTS[name]}\n" in manual
