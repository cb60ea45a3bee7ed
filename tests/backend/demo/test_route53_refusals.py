"""The front before moto refuses what Route 53 refuses; each refusal that moto does not know has its case here."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.ec2.client import client, code
from tests.ec2.keys import access_key
from tests.emulators.process import Emulator

ZONE = "acme.example."
Orders = list[tuple[str, dict[str, Any]]]


def of(kind: str, *values: str, name: str = f"www.{ZONE}", ttl_s: int = 300) -> dict[str, Any]:
    records = [{"Value": each} for each in values]
    return {"Name": name, "Type": kind, "TTL": ttl_s, "ResourceRecords": records}


ADDRESS, ALIAS = of("A", "192.0.2.1"), of("CNAME", "site.example.")
NAMED = "[name='www.acme.example.', type='A']"
PROBLEM = "Invalid Resource Record: 'FATAL problem: "
#: What is there, what is asked, what the service says of it, and where its words were seen.
BEYOND_MOTO: tuple[tuple[Orders, Orders, str, str], ...] = (
    (
        [],
        [("CREATE", of("TXT", f'"{"x" * 400}"'))],
        f"{PROBLEM}CharacterStringTooLong (Value is too long)",
        "virtualmin/virtualmin-gpl issue 355",
    ),
    (
        [],
        [("CREATE", of("TXT", "v=spf1 -all"))],
        f"{PROBLEM}InvalidCharacterString (Value should be enclosed in quotation marks)",
        "rusoto/rusoto issue 1046",
    ),
    (
        [],
        [("CREATE", of("TXT", '"Grüße"'))],
        f"{PROBLEM}UnsupportedCharacter (Value contains unsupported characters)",
        "Route 53 developer guide, TXT record type",
    ),
    (
        [],
        [("CREATE", of("A", "192.0.2.256"))],
        f"{PROBLEM}ARRDATAIllegalIPv4Address (Value is not a valid IPv4 address)",
        "words of the service in threads of public clients",
    ),
    (
        [("CREATE", ADDRESS)],
        [("CREATE", of("A", "192.0.2.9"))],
        f"Tried to create resource record set {NAMED} but it already exists",
        "hashicorp/terraform-provider-aws issue 7918",
    ),
    (
        [("CREATE", ADDRESS)],
        [("DELETE", {**ADDRESS, "TTL": 60})],
        f"Tried to delete resource record set {NAMED} but the values provided do not match the current values",
        "kubernetes-sigs/external-dns issue 732",
    ),
    (
        [],
        [("DELETE", ADDRESS)],
        f"Tried to delete resource record set {NAMED} but it was not found",
        "boto/boto issue 2887",
    ),
    (
        [("CREATE", ADDRESS)],
        [("DELETE", ADDRESS), ("DELETE", ADDRESS)],
        f"Tried to delete resource record set {NAMED} but it was not found",
        "Route 53 API reference, ChangeResourceRecordSets (words assumed)",
    ),
    (
        [("CREATE", ADDRESS)],
        [("CREATE", ALIAS), ("DELETE", ADDRESS)],
        "RRSet of type CNAME with DNS name www.acme.example. is not permitted as it conflicts with other records",
        "octodns/octodns issue 507, capitalone/Particle-Cloud-Framework issue 113",
    ),
    (
        [("CREATE", ALIAS)],
        [("CREATE", ADDRESS)],
        "is not permitted because a conflicting RRSet of type CNAME with the same DNS name already exists in zone",
        "RJPearson94/terraform-aws-open-next issue 24",
    ),
    (
        [],
        [("CREATE", of("CNAME", "site.example.", name=ZONE))],
        "RRSet of type CNAME with DNS name acme.example. is not permitted at apex in zone acme.example.",
        "words of the service in threads of public clients",
    ),
    (
        [],
        [("CREATE", of("A", "192.0.2.1", name="www.other.example."))],
        "RRSet with DNS name www.other.example. is not permitted in zone acme.example.",
        "meltwater/terraform-aws-asg-dns-handler issue 38",
    ),
    (
        [],
        [("UPSERT", of("A", *(f"192.0.2.{n}" for n in range(251)), name=f"{one}.{ZONE}")) for one in "ab"],
        "Number of records limit of 1000 exceeded.",
        "DNSControl/dnscontrol issue 508",
    ),
    (
        [],
        [("CREATE", of("TXT", " ".join([f'"{"x" * 250}"'] * 15), name=f"t{n}.{ZONE}")) for n in range(9)],
        "RDATA character limit of 32000 exceeded.",
        "kubernetes-sigs/external-dns issue 515",
    ),
)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    emulator = Emulator(tmp_path_factory.mktemp("route53"), kind="route53")
    yield emulator
    emulator.close()


@pytest.fixture(scope="module")
def amazon(running: Emulator) -> Iterator[Any]:
    with closing(client(running, "route53")) as made:
        yield made


@pytest.fixture
def zone(running: Emulator, amazon: Any) -> str:
    """Its id; as new."""
    running.reset()
    running.set("limits", per_second=1_000)
    running.set("zone", name=ZONE)
    return str(amazon.list_hosted_zones()["HostedZones"][0]["Id"])


def change(amazon: Any, zone: str, orders: Orders) -> None:
    changes = [{"Action": action, "ResourceRecordSet": each} for action, each in orders]
    amazon.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": changes})


def sets(amazon: Any, zone: str) -> Any:
    return amazon.list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]


@pytest.mark.parametrize(
    ("there", "asked", "words"),
    [(there, asked, words) for there, asked, words, _source in BEYOND_MOTO],
    ids=[words.removeprefix(PROBLEM)[:60] for _there, _asked, words, _source in BEYOND_MOTO],
)
def test_a_batch_with_one_wrong_change_is_refused_as_a_whole(
    amazon: Any, zone: str, there: Orders, asked: Orders, words: str
) -> None:
    if there:
        change(amazon, zone, there)
    before = sets(amazon, zone)

    with pytest.raises(ClientError) as refused:
        change(amazon, zone, [("CREATE", of("A", "192.0.2.7", name=f"first.{ZONE}")), *asked])

    error = refused.value.response["Error"]
    assert error["Code"] == "InvalidChangeBatch"
    assert words in error["Message"]
    assert sets(amazon, zone) == before


def test_what_a_zone_cannot_be_without_stays(amazon: Any, zone: str) -> None:
    """airbnb/zonify issue 1, DNSControl/dnscontrol pull request 4402."""
    for each in sets(amazon, zone):
        with pytest.raises(ClientError, match=r"A HostedZone must contain (exactly one SOA|at least one NS) record"):
            change(amazon, zone, [("DELETE", each)])


def test_who_may_call_and_how_often(running: Emulator, amazon: Any, zone: str) -> None:
    with closing(client(running, "route53", token=access_key("nobody"))) as stranger:
        assert code(stranger.list_hosted_zones) == (403, "InvalidClientTokenId")
    token = access_key("reader")
    running.set("tokens", token=token, scopes=["read"])
    with closing(client(running, "route53", token=token)) as reader:
        assert reader.list_hosted_zones()["HostedZones"]
        assert code(lambda: change(reader, zone, [("CREATE", ADDRESS)])) == (403, "AccessDenied")
    running.set("busy", times=1)
    assert code(lambda: change(amazon, zone, [("CREATE", ADDRESS)])) == (400, "PriorRequestNotComplete")
    assert code(lambda: sets(amazon, "Z0")) == (404, "NoSuchHostedZone")
    running.set("limits", per_second=0)
    assert code(amazon.list_hosted_zones) == (400, "Throttling")


def test_pages_are_as_long_as_those_of_the_service(running: Emulator, amazon: Any, zone: str) -> None:
    change(amazon, zone, [("CREATE", of("A", "192.0.2.1", name=f"h{n:03}.{ZONE}")) for n in range(300)])
    first = amazon.list_resource_record_sets(HostedZoneId=zone)
    assert (len(first["ResourceRecordSets"]), first["IsTruncated"]) == (300, True)
    assert (first["NextRecordName"], first["NextRecordType"]) == (f"h298.{ZONE}", "A")

    for number in range(100):
        running.set("zone", name=f"client{number}.example.")
    page = amazon.list_hosted_zones_by_name(DNSName=f"client99.{ZONE}")
    assert (page["IsTruncated"], len(page["HostedZones"])) == (False, 100)
    assert page["HostedZones"][0]["Name"] == "client0.example."
