"""The shell part of the set-up: which Python it takes, what it installs, and the words of each refusal."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.packaging.machine import Machine

NAMED = "Missing to show windows, by their Debian names: libgl1 libegl1"


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """Nobody is root, and there is neither Python nor apt-get."""
    machine = Machine(tmp_path)
    machine.user(1000)
    return machine


@pytest.mark.parametrize(
    ("pythons", "taken"),
    [
        ({"python3": "3.11.2"}, "python3"),
        ({"python3": "3.13.5", "python3.11": "3.11.2"}, "python3"),
        ({"python3": "3.9.2", "python3.12": "3.12.1"}, "python3.12"),
        ({"python3": "3.14.0", "python3.13": "3.13.5", "python3.11": "3.11.2"}, "python3.13"),
    ],
)
def test_a_suitable_python_is_taken(machine: Machine, pythons: dict[str, str], taken: str) -> None:
    for name, version in pythons.items():
        machine.python(name, version)

    assert machine.run("set-up.sh", "run").code == 0
    assert machine.called_with("set_up.py") == [f"{taken} packaging/set_up.py run"]


def test_a_python_without_venv_is_passed_over(machine: Machine) -> None:
    machine.python("python3", "3.11.2", has_venv=False)
    machine.python("python3.12", "3.12.1")

    assert machine.run("set-up.sh", "run").code == 0
    assert machine.called_with("set_up.py") == ["python3.12 packaging/set_up.py run"]


def test_a_python_that_is_named_is_taken(machine: Machine) -> None:
    machine.python("python3", "3.11.2")
    machine.python("mine", "3.12.1")

    assert machine.run("set-up.sh", "test", PYTHON="mine").code == 0
    assert machine.called_with("set_up.py") == ["mine packaging/set_up.py test"]


def test_an_old_python_that_is_named_is_refused(machine: Machine) -> None:
    machine.python("python3", "3.11.2")
    machine.python("mine", "3.9.2")

    ended = machine.run("set-up.sh", "run", PYTHON="mine")

    assert ended.code == 1
    assert "Mailyard needs Python 3.11, 3.12 or 3.13" in ended.said
    assert machine.called_with("set_up.py") == []


def test_an_old_python_is_refused_with_what_there_is(machine: Machine) -> None:
    machine.python("python3", "3.9.2")

    ended = machine.run("set-up.sh", "run")

    assert ended.code == 1
    assert "Mailyard needs Python 3.11, 3.12 or 3.13; there is Python 3.9.2" in ended.said
    assert "make run PYTHON=/path/to/python3.12" in ended.said


def test_without_venv_the_package_of_that_version_is_named(machine: Machine) -> None:
    machine.python("python3", "3.11.2", has_venv=False)

    ended = machine.run("set-up.sh", "run")

    assert ended.code == 1
    assert "python3 has no venv module. Install it (Debian: python3.11-venv)." in ended.said


def test_root_gets_a_python_installed(machine: Machine) -> None:
    machine.user(0)
    machine.records("apt-get")

    ended = machine.run("set-up.sh", "run")

    assert machine.called_with("install")[0].endswith("install python3 python3-venv")
    assert ended.code == 1, "the recording apt-get installs nothing"


def test_without_apt_packages_are_named(machine: Machine) -> None:
    ended = machine.run("apt.sh", "to show windows", "libgl1", "libegl1")

    assert ended.code == 1
    assert "This system has no apt-get" in ended.said
    assert NAMED in ended.said


def test_without_root_and_a_terminal_packages_are_named(machine: Machine) -> None:
    machine.records("apt-get")
    machine.records("sudo")

    ended = machine.run("apt.sh", "to show windows", "libgl1", "libegl1")

    assert ended.code == 1
    assert "Run: sudo apt-get install libgl1 libegl1" in ended.said
    assert NAMED in ended.said
    assert machine.called == []


def test_without_sudo_packages_are_named(machine: Machine) -> None:
    machine.records("apt-get")

    ended = machine.run("apt.sh", "to show windows", "libgl1", "libegl1", keys="y\n")

    assert ended.code == 1
    assert "there is no sudo" in ended.said
    assert NAMED in ended.said


def test_a_person_who_says_yes_lets_sudo_install(machine: Machine) -> None:
    machine.records("apt-get")
    machine.records("sudo")

    ended = machine.run("apt.sh", "to show windows", "libgl1", "libegl1", keys="y\n")

    assert ended.code == 0
    assert "Install them now with sudo apt-get? [y/N]" in ended.said
    assert [call.split()[0] for call in machine.called] == ["sudo", "sudo"]
    assert machine.called[1].endswith("install libgl1 libegl1")


@pytest.mark.parametrize("keys", ["n\n", "\n", "\x04"])
def test_a_person_who_does_not_say_yes_is_obeyed(machine: Machine, keys: str) -> None:
    machine.records("apt-get")
    machine.records("sudo")

    ended = machine.run("apt.sh", "to show windows", "libgl1", "libegl1", keys=keys)

    assert ended.code == 1
    assert machine.called == []


def test_root_installs_without_a_question(machine: Machine) -> None:
    machine.user(0)
    machine.records("apt-get")

    ended = machine.run("apt.sh", "to show windows", "libgl1", "libegl1")

    assert ended.code == 0
    assert machine.called[-1].endswith("install libgl1 libegl1")


def test_an_apt_that_fails_is_a_failure(machine: Machine) -> None:
    machine.user(0)
    machine.records("apt-get", "exit 100")

    assert machine.run("apt.sh", "to show windows", "libgl1").code != 0
