"""What EC2 has on offer, and at what price: from the price list, from our own list, or unknown."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import boto3
import pytest

from backend.core.errors import MailyardError, OutcomeUnknown, ProviderUnavailable, RateLimited
from backend.core.prices import priced_in
from backend.providers import ec2 as package
from backend.providers.capabilities import clouds
from backend.providers.ec2.offers import ours
from tests.backend.providers.cases import EC2
from tests.backend.providers.conftest import Cloud
from tests.ec2.keys import access_key
from tests.requirements import ROOT, shared

ec2 = pytest.mark.parametrize("plain_cloud", [EC2], indirect=True, ids=["ec2"])


@ec2
def test_without_leave_to_ask_the_price_list_our_own_prices_stand_in(plain_cloud: Cloud) -> None:
    token = access_key("token-without-prices")
    plain_cloud.emulator.set("tokens", token=token, denied=["pricing:GetProducts"])

    with closing(plain_cloud.driver_for(token)) as driver:
        catalogue = driver.catalogue()

    plan = next(plan for plan in catalogue.plans if plan.slug == "t3.small")
    assert (plan.hourly_micro, plan.monthly_micro) == (20_800, 15_184_000)
    assert catalogue.source == "Price list of 2026-07-20 for us-east-1 only; disk and address cost extra"
    assert plan.price_as_of == datetime(2026, 7, 20, tzinfo=UTC)


@ec2
@pytest.mark.parametrize(
    ("fault", "error"), [("429", RateLimited), ("500", ProviderUnavailable), ("lost_answer", OutcomeUnknown)]
)
def test_any_other_trouble_with_the_price_list_puts_nothing_in_place_of_prices_that_are_known(
    plain_cloud: Cloud, fault: str, error: type[MailyardError]
) -> None:
    plain_cloud.emulator.fault(fault, "GET", "/GetProducts")

    with pytest.raises(error):
        plain_cloud.driver.catalogue()


@ec2
def test_a_price_belongs_to_its_region_and_others_are_unknown(plain_cloud: Cloud) -> None:
    plain_cloud.emulator.offer("plans", "t3.small", hourly={"us-east-1": 0.02, "eu-central-1": 0.024})

    plan = next(plan for plan in plain_cloud.driver.catalogue().plans if plan.slug == "t3.small")

    prices = {region: priced_in(plan, region).hourly_micro for region in plan.regions}
    assert (prices["us-east-1"], prices["eu-central-1"], prices["eu-west-1"]) == (20_000, 24_000, None)
    assert priced_in(plan, "eu-central-1").monthly_micro == 17_520_000


@ec2
def test_regions_have_names_and_only_those_of_the_account_are_there(plain_cloud: Cloud) -> None:
    names = {region.slug: region.name for region in plain_cloud.driver.catalogue().regions}

    assert names["eu-central-1"] == "Europe (Frankfurt)"
    assert len(names) == 17
    assert "af-south-1" not in names


@ec2
def test_a_plan_amazon_does_not_offer_in_a_region_is_not_on_offer_there(plain_cloud: Cloud) -> None:
    plain_cloud.emulator.fault("changed", "GET", "/DescribeInstanceTypes", without=["instanceTypeSet.0"])

    plans = plain_cloud.driver.catalogue().plans

    assert len(plans) == len(ours().sizes) - 1
    assert all(plan.available and "us-east-1" in plan.regions for plan in plans)


def test_our_list_has_the_figures_of_its_sources() -> None:
    prices = json.loads(shared("data", "prices", "prices-aws-ec2.json").read_text())
    known = {each["id"]: each for each in prices["plans"]}

    for slug, size in ours().sizes.items():
        assert (size.vcpus, size.memory_mb) == (known[slug]["vcpus"], known[slug]["memory"])
        assert ours().prices[slug, "us-east-1"] == round(known[slug]["price_hourly_us_east_1_2026_07_20"] * 1_000_000)
        assert "x86_64" in known[slug]["arch"]


def test_the_recipe_of_the_key_names_every_call_the_driver_makes() -> None:
    """Calls are made by name: each text of the package that is a call of a client counts."""
    texts = set()
    for path in Path(str(package.__path__[0])).glob("*.py"):
        tree = ast.parse(path.read_text())
        texts |= {
            node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)
        }
    session = boto3.session.Session(aws_access_key_id="A", aws_secret_access_key="B", region_name="us-east-1")
    made = set()
    for service in ("ec2", "pricing", "cloudwatch"):
        client = session.client(service)
        made |= {f"{service}:{name}" for call, name in client.meta.method_to_api_mapping.items() if call in texts}
        client.close()
    (statement,) = json.loads(clouds()["ec2"].recipe.policy)["Statement"]
    named = set(statement["Action"])

    assert len(named) == len(statement["Action"])
    assert named - {"ec2:CreateTags"} == made  # tags are set with what they are on, but need leave of their own


def test_boto3_is_loaded_when_an_account_is_opened_and_not_before() -> None:
    script = (
        "import sys\n"
        "import backend.bootstrap\n"
        "from backend.core.secrets.values import Secret\n"
        "from backend.providers.registry import known_providers\n"
        "providers = known_providers()\n"
        "assert 'ec2' in providers.kinds()\n"
        "assert not {'boto3', 'botocore', 'urllib3'} & set(sys.modules)\n"
        "providers.open('ec2', Secret('AKIAIOSFODNN7EXAMPLE:' + 'x' * 40)).close()\n"
        "assert 'boto3' in sys.modules\n"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
