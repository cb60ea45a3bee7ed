"""Logos beside mail (the BIMI draft) and who may issue certificates (RFC 8659, RFC 8657)."""

from __future__ import annotations

import pytest

from tests.backend.authrecords.found import says, sentences

LOGO = "l=https://example.com/logo.svg"
LOGOS = {
    "a usual one": (f"v=BIMI1; {LOGO}; a=https://example.com/mark.pem", "valid"),
    "whitespace at the end": (f"v=BIMI1; {LOGO} ; ", "valid"),
    "whitespace around equals signs": (f"v = BIMI1 ;{LOGO}", "valid"),
    "packed": ("v=BIMI1; l=https://example.com/logo.SVGZ", "valid"),
    "declining": ("v=BIMI1; l=; a=;", "valid n"),
    "a certificate alone": ("v=BIMI1; l=; a=https://example.com/mark.pem", "valid"),
    "nothing but the version": ("v=BIMI1;", "invalid e"),
    "no logo": ("v=BIMI1; a=https://example.com/mark.pem", "valid w"),
    "another version": (f"v=BIMI2; {LOGO}", "invalid e"),
    "a version in small letters": (f"v=bimi1; {LOGO}", "invalid e"),
    "a version that is not first": (f"{LOGO}; v=BIMI1", "invalid e"),
    "HTTP": ("v=BIMI1; l=http://example.com/logo.svg", "invalid e"),
    "no host": ("v=BIMI1; l=https:///logo.svg", "invalid e"),
    "two addresses": ("v=BIMI1; l=https://a.example/a.svg,https://a.example/b.svg", "invalid e"),
    "a space within": ("v=BIMI1; l=https://a.example/my logo.svg", "invalid e"),
    "a picture of pixels": ("v=BIMI1; l=https://a.example/logo.png", "invalid e"),
    "no suffix": ("v=BIMI1; l=https://a.example/logo", "valid w"),
    "a certificate by HTTP": (f"v=BIMI1; {LOGO}; a=http://example.com/mark.pem", "invalid e"),
    "a certificate at an IP address": (f"v=BIMI1; {LOGO}; a=https://192.0.2.1/mark.pem", "invalid e"),
    "a certificate at a short name": (f"v=BIMI1; {LOGO}; a=https://web/mark.pem", "invalid e"),
    "a person's picture": (f"v=BIMI1; {LOGO}; avp=personal", "valid"),
    "another picture": (f"v=BIMI1; {LOGO}; avp=Brand", "invalid e"),
    "selectors": (f"v=BIMI1; {LOGO}; lps=", "valid"),
    "a selector with an underscore": (f"v=BIMI1; {LOGO}; lps=a_b", "invalid e"),
    "an empty selector": (f"v=BIMI1; {LOGO}; lps=a,,b", "invalid e"),
    "an unknown tag": (f"v=BIMI1; {LOGO}; zz=1", "valid n"),
    "a tag in capital letters": ("v=BIMI1; L=https://a.example/a.svg", "valid ww"),
    "a tag twice": (f"v=BIMI1; {LOGO}; {LOGO}", "invalid e"),
    "strings of a zone file": ('"v=BIMI1; l=;" " a=;"', "valid n"),
}

AUTHORITIES = {
    "a usual one": ('0 issue "ca.example.net"', "valid"),
    "without quotes": ("0 issue ca.example.net", "valid"),
    "without quotes, with parameters": ("0 issue ca.example.net; a=b", "valid w"),
    "tabs between the parts": ('0\tissue \t "ca.example.net"', "valid"),
    "nobody": ('0 issue ";"', "valid n"),
    "nobody, written empty": ('0 issue ""', "valid n"),
    "whitespace around all": ('0 issue "  ca.example.net  ;  a = b  ;  c = d  "', "valid"),
    "a semicolon and nothing": ('0 issue "ca.example.net;"', "valid"),
    "a semicolon at the end": ('0 issue "ca.example.net; a=b;"', "invalid e"),
    "an escaped semicolon": (r'0 issue "ca.example.net\; a=b"', "valid"),
    "a parameter without a value": ('0 issue "ca.example.net; a="', "valid"),
    "a parameter without an equals sign": ('0 issue "ca.example.net; a"', "invalid e"),
    "parameters without semicolons": ('0 issue "ca.example.net; a=b c=d"', "invalid e"),
    "an underscore in the domain": ('0 issue "ca_1.example.net"', "invalid e"),
    "a dot at the end of the domain": ('0 issue "ca.example.net."', "invalid e"),
    "a domain without a dot": ('0 issue "letsencrypt"', "valid w"),
    "signs": ('0 issue "%%%%%"', "invalid e"),
    "a web address": ('0 issue "https://ca.example.net"', "invalid e"),
    "wildcards": ('0 issuewild "ca.example.net"', "valid"),
    "mail": ('0 issuemail "ca.example.net"', "valid"),
    "an account": ('0 issue "ca.example; accounturi=https://ca.example/acct/1"', "valid"),
    "an account by another address": ('0 issue "ca.example; accounturi=urn:uuid:1"', "valid"),
    "an account that is no address": ('0 issue "ca.example; accounturi=1234"', "invalid e"),
    "two accounts": ('0 issue "ca.example; accounturi=https://a.example; AccountURI=https://b.example"', "invalid e"),
    "methods": ('0 issue "ca.example; validationmethods=dns-01,http-01,ca-own"', "valid"),
    "no methods": ('0 issue "ca.example; validationmethods="', "valid w"),
    "an unknown method": ('0 issue "ca.example; validationmethods=dns-02"', "valid w"),
    "an empty method": ('0 issue "ca.example; validationmethods=dns-01,"', "invalid e"),
    "methods twice": ('0 issue "ca.example; validationmethods=dns-01; validationmethods=http-01"', "invalid e"),
    "a parameter twice": ('0 issue "ca.example; a=1; a=2"', "valid w"),
    "reports by mail": ('0 iodef "mailto:security@example.com"', "valid"),
    "reports by HTTP": ('0 iodef "http://iodef.example.com/"', "valid"),
    "reports by FTP": ('0 iodef "ftp://iodef.example.com/"', "invalid e"),
    "reports to an address without a scheme": ('0 iodef "security@example.com"', "invalid e"),
    "reports to nobody": ('0 iodef "mailto:"', "invalid e"),
    "a mail address": ('0 contactemail "security@example.com"', "valid"),
    "a mail address that is none": ('0 contactemail "example.com"', "invalid e"),
    "a phone number": ('0 contactphone "+1 (555) 555-0100"', "valid"),
    "a phone number without digits": ('0 contactphone "+()"', "invalid e"),
    "critical": ('128 issue "ca.example"', "valid"),
    "a flag that means nothing": ('1 issue "ca.example"', "valid w"),
    "too large a flag": ('256 issue "ca.example"', "invalid e"),
    "a flag in words": ('critical issue "ca.example"', "invalid e"),
    "a flag of another script": ('١ issue "ca.example"', "invalid e"),
    "a tag in capital letters": ('0 ISSUE "ca.example"', "valid n"),
    "a tag with a hyphen": ('0 issue-wild "ca.example"', "invalid e"),
    "an unknown tag": ('0 tbs "Unknown"', "valid w"),
    "an unknown tag that is critical": ('128 tbs "Unknown"', "valid w"),
    "a quote that is missing": ('0 issue "ca.example', "invalid ee"),
    "two strings": ('0 issue "ca.example" "; a=b"', "invalid ee"),
    "no value": ("0 issue", "invalid e"),
    "several records": ('0 issue "ca.example"\r\n\n128 issuewild ";"\n', "valid n"),
    "several records, one of them wrong": ('0 issue "ca.example"\n0 iodef "nobody"', "invalid e"),
    "nothing": ("", "invalid e"),
}


@pytest.mark.parametrize(("text", "expected"), LOGOS.values(), ids=LOGOS)
def test_a_bimi_record(text: str, expected: str) -> None:
    assert says("BIMI", text) == expected, sentences("BIMI", text)


@pytest.mark.parametrize(("text", "expected"), AUTHORITIES.values(), ids=AUTHORITIES)
def test_a_caa_record(text: str, expected: str) -> None:
    assert says("CAA", text) == expected, sentences("CAA", text)


def test_an_unknown_tag_that_is_critical_stops_authorities() -> None:
    assert "issues no certificate" in sentences("CAA", '128 tbs "Unknown"')
    assert "authorities ignore it" in sentences("CAA", '0 tbs "Unknown"')


def test_of_several_records_the_wrong_one_is_named() -> None:
    assert sentences("CAA", '0 issue "ca.example"\n\n0 issue').startswith("Line 3: A CAA record has three parts")
