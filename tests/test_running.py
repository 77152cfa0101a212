"""What a scheduler is told to run is what the command line understands."""

from __future__ import annotations

import configparser
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
import typer

from smarketing.cli.shared import app

FOLDER = Path(__file__).parents[1] / "docs" / "running"
CRON = re.compile(r"(\S+ \S+ \S+ \S+ \S+)\s+cd \S+ && (.+) >/dev/null")


def commands() -> list[str]:
    service = [
        line.removeprefix("ExecStart=")
        for line in (FOLDER / "smarketing@.service").read_text().splitlines()
        if line.startswith("ExecStart=")
    ]
    cron = [
        command
        for line in (FOLDER / "crontab").read_text().splitlines()
        if not line.startswith("#")
        for command in CRON.fullmatch(line)[2].split(" && ")
    ]
    return service + cron


@pytest.mark.parametrize("command", commands())
def test_every_command_is_understood(command):
    program, name, *arguments = shlex.split(command)
    assert program.endswith(".venv/bin/smarketing")
    group = typer.main.get_command(app)
    with group.commands[name].make_context(name, arguments) as context:
        assert "data/" in str(context.params.values())


def test_the_timer_makes_up_for_a_missed_run():
    timer = configparser.ConfigParser(strict=False)
    timer.optionxform = str
    timer.read(FOLDER / "smarketing@.timer")
    assert timer["Timer"]["Persistent"] == "true"
    hour = int(re.search(r" (\d\d):", timer["Timer"]["OnCalendar"])[1])
    assert hour not in (1, 2, 3), "clocks change in these hours"


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd here")
def test_systemd_finds_no_fault(tmp_path):
    for unit in FOLDER.glob("smarketing@.*"):
        text = unit.read_text().replace("/srv/smarketing/.venv/bin/smarketing", "/bin/true")
        (tmp_path / unit.name.replace("@", "@acme")).write_text(text)
    units = [str(p) for p in sorted(tmp_path.iterdir())]
    done = subprocess.run(
        ["systemd-analyze", "verify", *units], capture_output=True, text=True, check=False
    )
    assert "smarketing" not in done.stderr, done.stderr
