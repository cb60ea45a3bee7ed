"""XML as EC2 writes it, from plain values and back; changed in place where moto's is not enough."""

from __future__ import annotations

from typing import Any
from uuid import uuid4
from xml.etree import ElementTree

EC2 = "http://ec2.amazonaws.com/doc/2016-11-15/"
STS = "https://sts.amazonaws.com/doc/2011-06-15/"
ROUTE53 = "https://route53.amazonaws.com/doc/2013-04-01/"
#: Of the services that tell errors as the query protocol has it.
NAMESPACES = {"sts": STS, "route53": ROUTE53}

Element = ElementTree.Element


def written(action: str, **values: Any) -> str:
    """An answer of EC2: a record in a record, lists as ``item`` elements, None left out."""
    root = Element(f"{action}Response", {"xmlns": EC2})
    _fill(root, {"requestId": str(uuid4()), **values})
    return ElementTree.tostring(root, encoding="unicode")


def read(text: str) -> Element:
    """Without name spaces, which :func:`text_of` puts back."""
    root = ElementTree.fromstring(text)
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
    return root


def text_of(root: Element) -> str:
    root.set("xmlns", EC2)
    return ElementTree.tostring(root, encoding="unicode")


def items(root: Element, name: str) -> list[tuple[Element, Element]]:
    """The items of each list of this name, with the list."""
    return [(found, item) for found in root.iter(name) for item in found.findall("item")]


def put(element: Element, path: str, value: Any) -> None:
    """Set what stands at a path like ``instanceState/name``; None takes it away."""
    *above, last = path.split("/")
    for name in above:
        element = _child(element, name)
    for old in element.findall(last):
        element.remove(old)
    if value is not None:
        _fill(element, {last: value})


def changed(text: str, changes: dict[str, Any], without: list[str]) -> str:
    """As a fault wants it: ``changes`` by dotted name, the first part wherever it stands; a number is a place."""
    root = read(text)
    for name, value in changes.items():
        holder, last = _holder(root, name)
        put(holder, last, "" if value is None else value)
    for name in without:
        holder, last = _holder(root, name)
        child = holder[int(last)] if last.isdigit() else holder.find(last)
        assert child is not None, f"there is no {name}"
        holder.remove(child)
    return text_of(root)


def _holder(root: Element, name: str) -> tuple[Element, str]:
    first, *rest = name.split(".")
    element = next(root.iter(first))
    if not rest:
        raise ValueError(f"{name} names no part of a document")
    for part in rest[:-1]:
        element = element[int(part)] if part.isdigit() else _child(element, part)
    return element, rest[-1]


def _child(element: Element, name: str) -> Element:
    found = element.find(name)
    return ElementTree.SubElement(element, name) if found is None else found


def _fill(parent: Element, values: dict[str, Any]) -> None:
    for name, value in values.items():
        if value is None:
            continue
        child = ElementTree.SubElement(parent, name)
        if isinstance(value, dict):
            _fill(child, value)
        elif isinstance(value, list):
            for each in value:
                _fill(child, {"item": each})
        else:
            child.text = str(value).lower() if isinstance(value, bool) else str(value)
