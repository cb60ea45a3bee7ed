"""Servers in nodes: each in a network of its own, with files of its own, and handed out only once it answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from tests.lab.client import Client, LabError
from tests.lab.nodes.plan import Node
from tests.lab.orders import ServerOrder
from tests.lab.waiting import until

ANSWER_S = 30.0
STEP_S = 0.02
LAST = 1500


class Servers:
    """Starts servers in one lab, all of which end with it. ``folder`` holds what they keep, a folder for each node."""

    def __init__(self, lab: Client, folder: Path) -> None:
        self._lab = lab
        self._folder = folder

    def place(self, node: Node) -> Path:
        """The folder for this node's files; made when it is missing."""
        place = self._folder / node.name
        place.mkdir(parents=True, exist_ok=True)
        return place

    def start(self, node: Node, command: Sequence[str], answers: Callable[[], object], **environment: str) -> None:
        """Make the node and run the command in it; returns when ``answers`` says yes. An OSError of it means no.

        :raises LabError: it ended, or did not answer; the message ends with its last words.
        """
        place = self.place(node)
        log = place / "log"
        self._lab.node(node.name, node.ip, node.region)
        order = ServerOrder(node.name, list(command), str(log), environment, str(place))
        pid = self._lab.spawn(order)

        def is_over() -> bool:
            return _is_true(answers) or not self._lab.is_running(pid)

        if not until(is_over, ANSWER_S, STEP_S) or not self._lab.is_running(pid):
            said = log.read_text(errors="replace")[-LAST:]
            raise LabError(f"{command[0]} in the lab does not answer: {said}")


def _is_true(answers: Callable[[], object]) -> bool:
    try:
        return bool(answers())
    except OSError:
        return False
