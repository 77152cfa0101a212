"""One lock: ten at once, killed and suspended holders, and files that only look like a lock."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

from smarketing.errors import SmarketingError
from smarketing.lock import locked
from smarketing.reporting.runs.exclusive import one_run_at_a_time
from tests.lock_users import BUSY, COUNT, NAME, count_up

PROCESSES, TIMES = 10, 30


def program(*arguments: object) -> subprocess.Popen:
    command = [sys.executable, "-m", "tests.lock_users", *map(str, arguments)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


@contextmanager
def holder(folder):
    """Another program that holds the lock; killed at the end, whatever became of it."""
    with program("hold", folder) as process:
        try:
            assert process.stdout.readline() == "held\n"
            yield process
        finally:
            process.kill()


@contextmanager
def taken(folder, patience=0.0, waiting=""):
    with locked(folder / NAME, patience, BUSY, "nothing can be done", waiting):
        yield


def counted(folder) -> int:
    return int((folder / COUNT).read_text())


@pytest.fixture
def folder(tmp_path):
    (tmp_path / COUNT).write_text("0")
    return tmp_path


def test_ten_programs_count_without_losing_one_past_a_killed_and_a_suspended_holder(folder):
    with holder(folder) as killed:
        programs = [program("count", folder, TIMES) for _ in range(PROCESSES)]
        time.sleep(0.5)
        assert counted(folder) == 0, "held: nobody counts"
        killed.kill()
    while counted(folder) < 10:
        time.sleep(0.01)
    with holder(folder) as suspended:
        suspended.send_signal(signal.SIGSTOP)
        before = counted(folder)
        time.sleep(0.5)
        assert counted(folder) == before < PROCESSES * TIMES
        suspended.send_signal(signal.SIGCONT)
        suspended.communicate("go on\n")
    for one in programs:
        one.communicate(timeout=120)
    assert [one.returncode for one in programs] == [0] * PROCESSES
    assert counted(folder) == PROCESSES * TIMES


def test_a_suspended_holder_keeps_its_lock_and_takes_no_other_ones_away_later(folder):
    with holder(folder) as suspended:
        suspended.send_signal(signal.SIGSTOP)
        long_ago = time.time() - 86400
        os.utime(folder / NAME, (long_ago, long_ago))
        with pytest.raises(SmarketingError, match="somebody else"), taken(folder, 0.2):
            pytest.fail("two at once")
        suspended.send_signal(signal.SIGCONT)
        suspended.communicate("go on\n")
    with taken(folder):
        file = (folder / NAME).stat().st_ino
        with pytest.raises(SmarketingError, match="somebody else"), taken(folder, 0.05):
            pytest.fail("two at once")
        assert (folder / NAME).stat().st_ino == file


@pytest.mark.parametrize("age", [-86400 * 365, 0, 86400 * 365], ids=["future", "now", "old"])
def test_a_file_that_nobody_holds_is_in_nobodys_way_whatever_its_date(folder, age):
    (folder / NAME).write_text("left by hand\n")
    then = time.time() - age
    os.utime(folder / NAME, (then, then))
    file = (folder / NAME).stat().st_ino
    with taken(folder):
        assert (folder / NAME).stat().st_ino == file
    assert (folder / NAME).stat().st_ino == file


@pytest.mark.parametrize("age", [-86400, 0, 86400])
def test_a_held_file_is_held_whatever_its_date(folder, age):
    with holder(folder):
        then = time.time() - age
        os.utime(folder / NAME, (then, then))
        with pytest.raises(SmarketingError, match="somebody else"), taken(folder, 0.1):
            pytest.fail("two at once")


def test_a_killed_holder_is_gone_at_once(folder):
    with holder(folder) as process:
        process.kill()
        process.wait()
        with taken(folder, 0.0):
            assert (folder / NAME).is_file()


def test_a_folder_of_that_name_is_told_and_left_as_it_is(folder):
    (folder / NAME / "within").mkdir(parents=True)
    with pytest.raises(SmarketingError) as raised, taken(folder):
        pytest.fail("there is nothing to hold")
    text = "here: nothing can be done: Is a directory. Take away or rename the folder .lock."
    assert str(raised.value) == text
    assert (folder / NAME / "within").is_dir()


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (PermissionError(13, "Permission denied"), "nothing can be done: Permission denied"),
        (OSError(30, "Read-only file system"), "nothing can be done: Read-only file system"),
        (OSError(28, "No space left on device"), "nothing can be done: No space left on device"),
        (NotImplementedError("this drive has no locks"), "nothing can be done: this drive has no"),
    ],
)
def test_where_no_file_can_be_locked_it_is_told(folder, monkeypatch, error, text):
    def refuse(*_, **__):
        raise error

    monkeypatch.setattr("filelock.FileLock.acquire", refuse)
    with pytest.raises(SmarketingError, match=text), taken(folder):
        pytest.fail("there is nothing to hold")


@pytest.fixture
def shared():
    """A folder that others can reach; root acts as one of them."""
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


@contextmanager
def as_nobody():
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


def test_a_folder_that_cannot_be_written_is_told(shared):
    shared.chmod(0o555)
    with (
        as_nobody(),
        pytest.raises(SmarketingError, match="here: nothing can be done: Permission denied"),
        taken(shared),
    ):
        pytest.fail("there is nothing to hold")
    assert list(shared.iterdir()) == []


@pytest.mark.parametrize("mode", [0o700, 0o750, 0o770, 0o777])
def test_who_may_write_the_folder_may_take_the_lock_that_another_left(shared, mode):
    shared.chmod(mode)
    with taken(shared):
        pass
    assert (shared / NAME).stat().st_mode & 0o777 == mode & 0o666
    if mode == 0o777:
        with as_nobody(), taken(shared):
            pass


def test_a_folder_that_is_not_there_is_told_and_not_made(tmp_path):
    with (
        pytest.raises(SmarketingError, match="nothing can be done: No such file"),
        taken(tmp_path / "gone"),
    ):
        pytest.fail("there is nothing to hold")
    assert not (tmp_path / "gone").exists()


def test_waiting_is_said_once_and_only_by_who_waits(folder, capsys):
    with taken(folder, waiting="Waiting …"):
        assert capsys.readouterr().err == ""
        with pytest.raises(SmarketingError), taken(folder, 0.1, waiting="Waiting …"):
            pytest.fail("two at once")
    assert capsys.readouterr().err == "Waiting …\n"


def test_the_lock_is_let_go_when_the_work_fails(folder):
    with pytest.raises(ZeroDivisionError), taken(folder):
        1 / 0  # noqa: B018
    count_up(folder, 1, patience=0.0)
    assert counted(folder) == 1


def test_a_run_says_what_is_in_the_way_of_its_folder(tmp_path):
    (tmp_path / "reports").write_text("a file")
    with (
        pytest.raises(SmarketingError, match="reports cannot be written here: File exists"),
        one_run_at_a_time(tmp_path / "reports"),
    ):
        pytest.fail("there is no such folder")
