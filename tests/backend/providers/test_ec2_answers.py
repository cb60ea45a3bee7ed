"""How EC2's keys are taken and its answers read: refusals by code, records that tell little, foreign pages."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from typing import Any

import pytest

from backend.core import http
from backend.core.errors import (
    BadResponse,
    ClockWrong,
    LimitReached,
    MailyardError,
    NotFound,
    OutcomeUnknown,
    ProviderRefused,
    ProviderUnavailable,
    RateLimited,
    Refused,
    Unauthorized,
)
from backend.core.secrets.values import Secret
from backend.providers.ec2.driver import Ec2
from backend.providers.ec2.error_codes import RegionDenied
from backend.providers.ports import PowerAction
from backend.wires.aws.errors import Trouble
from backend.wires.aws.session import Clients, Credentials
from tests.backend.core.scripted import Scripted
from tests.ec2.documents import written
from tests.ec2.keys import access_key
from tests.ec2.query import Call
from tests.ec2.recorded import Service, answering
from tests.ec2.refusals import answer

KEY = Secret(access_key("token"))


@contextmanager
def _driver(
    answers: dict[str, tuple[int, str]], token: Secret = KEY, ahead_s: float = 0.0
) -> Iterator[tuple[Ec2, Service]]:
    """A driver at a service with these answers."""
    with answering(answers, ahead_s) as service, closing(Ec2(token, endpoint_url=service.url)) as driver:
        yield driver, service


def _refusal(status: int, code: str, words: str, ahead_s: float = 0.0) -> MailyardError:
    """What the driver makes of a refusal to list the regions."""
    body = answer(Call("DescribeRegions", {}, "ec2", "us-east-1", ""), status, code, words).body
    answers = {"DescribeRegions": (status, body)}
    with _driver(answers, ahead_s=ahead_s) as (driver, _service), pytest.raises(MailyardError) as refused:
        driver.machines()
    return refused.value


@pytest.mark.parametrize("token", ["", "AKIAIOSFODNN7EXAMPLE", "akiaiosfodnn7example:secretsecretsecret", "A:B", ":::"])
def test_what_is_no_access_key_is_refused_without_being_quoted(token: str) -> None:
    with pytest.raises(Refused) as refused:
        Ec2(Secret(token))

    assert "ACCESS_KEY_ID:SECRET_ACCESS_KEY" in refused.value.remedy
    assert not token or token not in refused.value.sentence()


def test_a_temporary_key_sends_its_session_token() -> None:
    identity = (
        "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:sts::1:x</Arn></GetCallerIdentityResult>"
    )
    answers = {"GetCallerIdentity": (200, identity + "</GetCallerIdentityResponse>")}
    token = Secret(f"{KEY.reveal()}:session-token-of-an-hour")
    with _driver(answers, token) as (driver, service):
        assert driver.verify().holder == "arn:aws:sts::1:x"

    assert service.headers[0]["x-amz-security-token"] == "session-token-of-an-hour"
    assert f"Credential={KEY.reveal().split(':')[0]}/" in service.headers[0]["authorization"]


def test_settings_of_other_programs_do_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_PROFILE", "AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.setenv(name, "http://127.0.0.1:9/of-another-program")
    with _driver({"DescribeRegions": (200, written("DescribeRegions", regionInfo=[]))}) as (driver, service):
        assert list(driver.machines()) == []

    assert "x-amz-security-token" not in service.headers[0]


def test_without_another_address_each_region_is_asked_at_amazons_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9/of-another-program")
    with closing(Clients(Credentials.read(KEY), None, lambda **_answer: None, service="Amazon EC2")) as clients:
        assert clients.of("ec2", "eu-central-1").meta.endpoint_url == "https://ec2.eu-central-1.amazonaws.com"
        assert clients.of("pricing", "us-east-1").meta.endpoint_url == "https://api.pricing.us-east-1.amazonaws.com"


@pytest.mark.parametrize(
    ("status", "code", "words", "error"),
    [
        (401, "AuthFailure", "AWS was not able to validate the provided access credentials", RegionDenied),
        (400, "AuthFailure", "Not authorized for images: [ami-1]", ProviderRefused),
        (403, "UnauthorizedOperation", "You are not authorized to perform this operation.", Unauthorized),
        (400, "InstanceLimitExceeded", "Your quota allows for 0 more running instance(s).", LimitReached),
        (503, "RequestLimitExceeded", "Request limit exceeded.", RateLimited),
        (400, "Throttling", "Rate exceeded", RateLimited),
        (500, "InsufficientInstanceCapacity", "There is no Spot capacity available", ProviderRefused),
        (500, "InternalError", "An internal error has occurred", ProviderUnavailable),
        (503, "Unavailable", "The service is unavailable.", ProviderUnavailable),
        (400, "InvalidVpcID.NotFound", "The vpc ID 'vpc-1' does not exist", NotFound),
        (400, "OptInRequired", "You are not subscribed to this service.", Unauthorized),
        (400, "OfALaterVersion", "", ProviderRefused),
    ],
)
def test_refusals_are_told_apart_by_their_codes(status: int, code: str, words: str, error: type[MailyardError]) -> None:
    refused = _refusal(status, code, words)

    assert type(refused) is error
    assert code in refused.detail
    assert "describe_regions in us-" in refused.detail  # one that is denied is asked of the next region


def test_a_wrong_clock_is_not_a_wrong_key() -> None:
    for code, words in (("RequestExpired", "Request has expired."), ("SignatureDoesNotMatch", "Signature expired: 1")):
        refused = _refusal(400, code, words)
        assert isinstance(refused, ClockWrong)
        assert "this computer's clock" in refused.remedy


@pytest.mark.parametrize("code", ["AuthFailure", "SignatureDoesNotMatch", "InvalidSignatureException"])
def test_a_wrong_key_is_the_clock_where_amazons_is_far_from_ours(code: str) -> None:
    words = "AWS was not able to validate the provided access credentials"
    for ahead_s, kind in ((7_200.0, ClockWrong), (-86_400.0, ClockWrong), (0.0, Unauthorized), (120.0, Unauthorized)):
        assert isinstance(_refusal(401, code, words, ahead_s), kind), (code, ahead_s)


@pytest.mark.parametrize("date", [None, "", "yesterday", "Wed, 02 Dec 2026 22:00:00"])
def test_a_date_that_is_none_says_nothing_of_the_clock(date: str | None) -> None:
    about = {"HTTPStatusCode": 401, "HTTPHeaders": {"date": date} if date is not None else {}}

    assert Trouble.read({"ResponseMetadata": about, "Error": {"Code": "AuthFailure"}}, "").skew_s is None


def test_where_no_pause_is_named_a_short_one_is_kept() -> None:
    refused = _refusal(503, "RequestLimitExceeded", "Request limit exceeded.")

    assert isinstance(refused, RateLimited)
    assert refused.retry_after_s == 5


@pytest.mark.parametrize(
    ("action", "call", "more"),
    [
        ("on", "StartInstances", {}),
        ("off", "StopInstances", {"Force": "true", "SkipOsShutdown": "true"}),
        ("shutdown", "StopInstances", {}),
        ("reboot", "RebootInstances", {}),
        ("power_cycle", "RebootInstances", {}),
    ],
)
def test_only_switching_off_passes_the_system_by(action: PowerAction, call: str, more: dict[str, str]) -> None:
    with _driver({call: (200, written(call))}) as (driver, service):
        driver.power("eu-west-1/i-0123456789abcdef0", action)

    (sent,) = service.calls
    known = {"Action", "Version", "InstanceId.1"}
    assert (sent.action, sent.region, sent.values("InstanceId")) == (call, "eu-west-1", ["i-0123456789abcdef0"])
    assert {name: value for name, value in sent.parameters.items() if name not in known} == more


def _listed(**of_instance: Any) -> dict[str, tuple[int, str]]:
    """One region with one instance, told of as little as Amazon may."""
    instance = {"instanceId": "i-0123456789abcdef0", **of_instance}
    return {
        "DescribeRegions": (200, written("DescribeRegions", regionInfo=[{"regionName": "us-east-1"}])),
        "DescribeInstances": (200, written("DescribeInstances", reservationSet=[{"instancesSet": [instance]}])),
        "DescribeVolumes": (200, written("DescribeVolumes", volumeSet=[{"volumeId": "vol-1", "size": 8}])),
        "DescribeInstanceTypes": (200, written("DescribeInstanceTypes", instanceTypeSet=[])),
    }


def test_an_instance_told_of_with_nothing_but_its_number_is_read() -> None:
    with _driver(_listed()) as (driver, _service):
        (machine,) = driver.machines()

    assert (machine.id, machine.name) == ("us-east-1/i-0123456789abcdef0", "i-0123456789abcdef0")
    assert (machine.state, machine.power, machine.ipv4, machine.tags) == ("unknown", "unknown", (), ())
    assert (machine.vcpus, machine.memory_mb, machine.disk_gb) == (0, 0, 0)


def test_addresses_disks_and_plans_of_strangers_are_read() -> None:
    answers = _listed(
        instanceType="x9.odd",
        instanceState={"code": 99, "name": "hibernating"},
        ipAddress="203.0.113.7",
        rootDeviceName="/dev/xvda",
        blockDeviceMapping=[{"deviceName": "/dev/xvda", "ebs": {"volumeId": "vol-1"}}],
        networkInterfaceSet=[
            {
                "privateIpAddressesSet": [{"association": {"publicIp": ip}} for ip in ("203.0.113.7", "203.0.113.8")],
                "ipv6AddressesSet": [{"ipv6Address": "2001:db8::7"}],
            }
        ],
        cpuOptions={"coreCount": 2, "threadsPerCore": 2},
        launchTime="2026-11-25T08:00:00.000Z",
        tagSet=[{"key": "aws:autoscaling:groupName", "value": "web"}, {"key": "alone", "value": ""}],
        brandNew={"things": "of a later version"},
    )
    with _driver(answers) as (driver, service):
        (machine,) = driver.machines()
        (again,) = driver.machines()

    assert machine == again
    assert (machine.ipv4, machine.ipv6) == (("203.0.113.7", "203.0.113.8"), ("2001:db8::7",))
    assert (machine.vcpus, machine.disk_gb, machine.state) == (4, 8, "unknown")
    assert machine.tags == ("aws:autoscaling:groupName:web", "alone")
    assert machine.created_at is not None
    assert machine.created_at.isoformat() == "2026-11-25T08:00:00+00:00"
    assert [call.action for call in service.calls].count("DescribeInstanceTypes") == 1


def test_plans_we_do_not_know_are_asked_for_by_one_call() -> None:
    held = [{"instanceId": f"i-0123456789abcdef{number}", "instanceType": f"x{number}.odd"} for number in range(3)]
    body = written("DescribeInstances", reservationSet=[{"instancesSet": held}])
    with _driver(_listed() | {"DescribeInstances": (200, body)}) as (driver, service):
        assert len(driver.machines()) == 3

    asked = [call.filters() for call in service.calls if call.action == "DescribeInstanceTypes"]
    assert asked == [{"instance-type": ["x0.odd", "x1.odd", "x2.odd"]}]


def test_a_list_that_leads_in_a_circle_or_is_none_is_unreadable() -> None:
    circle = written("DescribeInstances", reservationSet=[], nextToken="again")
    nothing = written("DescribeInstances")
    for body, asked in ((circle, 2), (nothing, 1)):
        with _driver(_listed() | {"DescribeInstances": (200, body)}) as (driver, service), pytest.raises(BadResponse):
            driver.machines()
        assert [call.action for call in service.calls].count("DescribeInstances") == asked


def test_a_page_of_a_proxy_that_is_asked_too_much_makes_us_wait() -> None:
    answers = {"DescribeRegions": (429, "<html><body>Slow down</body></html>")}
    with _driver(answers) as (driver, _service), pytest.raises(RateLimited):
        driver.machines()


def test_a_page_that_happens_to_be_xml_is_no_empty_list() -> None:
    page = '<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><body/></html>'
    with _driver({"DescribeRegions": (200, page)}) as (driver, _service), pytest.raises(BadResponse):
        driver.machines()


def test_an_answer_whose_headers_have_no_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """The library knows no limit there: what leaves goes over the wire that all clouds share."""
    monkeypatch.setattr(http, "WHOLE_S", 1.0)
    monkeypatch.setattr(http, "READ_S", 0.5)

    def drip(connection: socket.socket) -> None:
        connection.settimeout(0.1)
        connection.sendall(b"HTTP/1.1 200 OK\r\nX-Long: ")
        for _each in range(300):
            connection.sendall(b"x")
            with suppress(TimeoutError):
                if not connection.recv(1):
                    return

    with closing(Scripted(drip)) as server, closing(Ec2(KEY, endpoint_url=f"http://127.0.0.1:{server.port}")) as driver:
        with pytest.raises(OutcomeUnknown) as lost:
            driver.verify()
        assert len(server.requests) == 1
    assert "did not respond in time" in lost.value.title
