"""The lab by hand: ``python -m tests.lab up|down|exec|list|sweep|base|prepare``."""

from __future__ import annotations

import argparse
import os
import sys

from tests.lab import namespaces as ns
from tests.lab.base import BaseFailed, ensure_base
from tests.lab.cgroups import Cgroup
from tests.lab.client import Client, LabError
from tests.lab.lifetime import living_labs, sweep, up
from tests.lab.mail.prepare import prepare
from tests.lab.places import STATE
from tests.lab.requirements import reason_it_cannot_run


def main() -> int:
    options = _parser().parse_args()
    reason = reason_it_cannot_run()
    try:
        if reason:
            raise LabError(reason)
        return int(options.act(options) or 0)
    except (LabError, BaseFailed) as error:
        print(error, file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.lab", description=__doc__)
    commands = parser.add_subparsers(required=True)
    for act, explanation in (
        (_up, "start a lab that stays until 'down'; prints its name"),
        (_down, "end a lab"),
        (_list, "labs that run, and their hosts"),
        (_sweep, "remove what dead labs left"),
        (_base, "build the base root when it is missing; prints its folder"),
        (_prepare, "build all that tests find in the cache, when it is missing: roots, images, a mail server"),
        (_exec, "run a command in the network of the console, or inside a host"),
    ):
        command = commands.add_parser(act.__name__.strip("_"), help=explanation)
        command.set_defaults(act=act)
        if act in (_down, _exec):
            command.add_argument("--lab", help="its name, when more than one runs")
        if act is _exec:
            command.add_argument("--in", dest="host", help="inside this host: its files, processes and limits")
            command.add_argument("command", nargs=argparse.REMAINDER)
    return parser


def _up(_options: argparse.Namespace) -> None:
    """A keeper process owns the lab from here on."""
    lab = up()
    print(lab.name, flush=True)
    if os.fork():
        os._exit(0)
    os.setsid()
    nothing = os.open("/dev/null", os.O_RDWR)
    for descriptor in range(3):
        os.dup2(nothing, descriptor)
    lab.owner.wait_for_end(None)
    sweep()


def _down(options: argparse.Namespace) -> None:
    client = _chosen(options.lab)
    client.ask_to_end()
    client.wait_for_end(30)
    sweep()


def _list(_options: argparse.Namespace) -> None:
    for name in living_labs():
        print(name)
        for state in _connect(name).hosts().values():
            size = f"{state.memory_mb} MB, {state.cpus:g} CPU, {state.disk_mb} MB disk"
            print(f"  {state.name}  {state.ip}  {state.region}  {state.power}  {size}")


def _sweep(_options: argparse.Namespace) -> None:
    for name in sweep():
        print(name)


def _base(_options: argparse.Namespace) -> None:
    print(ensure_base())


def _prepare(_options: argparse.Namespace) -> None:
    prepare()


def _exec(options: argparse.Namespace) -> int:
    command = options.command[1:] if options.command[:1] == ["--"] else options.command
    if not command:
        raise LabError("exec needs a command")
    client = _chosen(options.lab)
    if options.host:
        return _run_inside(client, options.lab or living_labs()[0], options.host, command)
    client.enter()
    os.execvp(command[0], command)


def _run_inside(client: Client, lab: str, host: str, command: list[str]) -> int:
    """In the host's cgroups too, otherwise its limits would not hold for the command."""
    Cgroup(lab, host).join()
    for kind, descriptor in client.namespaces(host).items():
        ns.enter(descriptor, ns.KINDS[kind])
        os.close(descriptor)
    pid = os.fork()  # only a child is in the pid namespace
    if pid == 0:
        os.execvp(command[0], command)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def _chosen(name: str | None) -> Client:
    labs = living_labs()
    if name is None and len(labs) != 1:
        raise LabError(f"name one with --lab: {', '.join(labs)}" if labs else "no lab runs")
    return _connect(name or labs[0])


def _connect(name: str) -> Client:
    return Client.connect(str(STATE / name / "control"))


if __name__ == "__main__":
    sys.exit(main())
