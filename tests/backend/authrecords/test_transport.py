"""Records and files that speak of TLS between mail servers: RFC 8461 and RFC 8460."""

from __future__ import annotations

import pytest

from tests.backend.authrecords.found import says, sentences

RECORDS = {
    "a usual one": ("v=STSv1; id=20160831085700Z;", "valid"),
    "no semicolon at the end": ("v=STSv1; id=1", "valid"),
    "no whitespace": ("v=STSv1;id=1;", "valid"),
    "whitespace before the first semicolon": ("v=STSv1 ; id=1", "valid w"),
    "whitespace at the beginning": (" v=STSv1; id=1", "invalid e"),
    "whitespace at the end": ("v=STSv1; id=1 ", "valid n"),
    "whitespace beside the equals sign": ("v=STSv1; id= 1", "invalid e"),
    "whitespace after the name": ("v=STSv1; id =1", "invalid e"),
    "a version in small letters": ("v=stsv1; id=1", "invalid e"),
    "a name in capital letters": ("v=STSv1; ID=1", "invalid en"),
    "an id of 32": (f"v=STSv1; id={'a' * 32}", "valid"),
    "an id of 33": (f"v=STSv1; id={'a' * 33}", "invalid e"),
    "an id beyond ASCII": ("v=STSv1; id=١", "invalid e"),
    "an id with a line break": ("v=STSv1; id=1\n", "invalid e"),
    "two ids": ("v=STSv1; id=1; id=1", "invalid e"),
    "an extension": ("v=STSv1; id=1; a.b-c_d=~!<", "valid n"),
    "an extension twice": ("v=STSv1; id=1; a=1; a=2", "valid n"),
    "an extension with an equals sign": ("v=STSv1; id=1; a=b=c", "invalid e"),
    "an extension with a space": ("v=STSv1; id=1; a=b c", "invalid e"),
    "a name that begins with a hyphen": ("v=STSv1; id=1; -a=b", "invalid e"),
    "the version twice": ("v=STSv1; v=STSv1; id=1", "invalid e"),
    "no field": ("v=STSv1; id=1; more", "invalid e"),
    "two semicolons": ("v=STSv1;; id=1", "invalid e"),
    "the version first": ("id=1; v=STSv1", "invalid e"),
    "strings of a zone file": ('"v=STSv1; " "id=1"', "valid"),
    "nothing": ("", "invalid e"),
}

POLICY = "version: STSv1\nmode: enforce\nmax_age: 604800\n"
POLICIES = {
    "a usual one": (f"{POLICY}mx: mail.example.com\nmx: *.example.net\n", "valid"),
    "lines of both kinds": ("version: STSv1\r\nmode: enforce\nmax_age: 604800\r\nmx: a.example", "valid"),
    "a carriage return alone": ("version: STSv1\rmode: none\rmax_age: 604800", "invalid eeee"),
    "whitespace after values": ("version: STSv1 \nmode: none\t\nmax_age: 604800  \n", "valid n"),
    "whitespace before the colon": ("version : STSv1\nmode: none\nmax_age: 604800", "invalid een"),
    "whitespace before the name": (" version: STSv1\nmode: none\nmax_age: 604800", "invalid een"),
    "an empty line": (f"{POLICY}\nmx: a.example\n", "valid w"),
    "a line without a colon": (f"{POLICY}mx a.example\nmx: a.example", "invalid e"),
    "a mode in capital letters": ("version: STSv1\nmode: Enforce\nmax_age: 604800\nmx: a.example", "invalid e"),
    "a name in capital letters": (f"{POLICY}MX: a.example\nmx: b.example", "valid w"),
    "the version later": ("mode: none\nversion: STSv1\nmax_age: 604800", "valid nn"),
    "the version twice": (f"{POLICY}version: STSv1\nmx: a.example", "invalid e"),
    "no mail server at all": (POLICY, "invalid e"),
    "no mail server, and none needed": ("version: STSv1\nmode: none\nmax_age: 0", "valid n"),
    "less than a day": ("version: STSv1\nmode: testing\nmax_age: 86399\nmx: a.example", "valid w"),
    "a year": ("version: STSv1\nmode: testing\nmax_age: 31557600\nmx: a.example", "valid"),
    "more than a year": ("version: STSv1\nmode: testing\nmax_age: 31557601\nmx: a.example", "invalid e"),
    "a negative age": ("version: STSv1\nmode: testing\nmax_age: -1\nmx: a.example", "invalid e"),
    "digits of another script": ("version: STSv1\nmode: testing\nmax_age: ٦٠٤٨٠٠\nmx: a.example", "invalid e"),
    "a wildcard of half a label": (f"{POLICY}mx: mx*.example.com", "invalid e"),
    "a wildcard further right": (f"{POLICY}mx: mx.*.example.com", "invalid e"),
    "two wildcards": (f"{POLICY}mx: *.*.example.com", "invalid e"),
    "a wildcard alone": (f"{POLICY}mx: *", "invalid e"),
    "a wildcard without a domain": (f"{POLICY}mx: *.", "invalid e"),
    "a dot at the end": (f"{POLICY}mx: mx.example.com.", "invalid e"),
    "a dot at the beginning": (f"{POLICY}mx: .example.com", "invalid e"),
    "an underscore": (f"{POLICY}mx: mx_1.example.com", "invalid e"),
    "a label of 64": (f"{POLICY}mx: {'a' * 64}.example.com", "invalid e"),
    "a domain of 260": (f"{POLICY}mx: {'.'.join(['a' * 51] * 5)}", "invalid e"),
    "a name beyond ASCII": (f"{POLICY}mx: müller.example", "invalid e"),
    "several on a line": (f"{POLICY}mx: a.example, b.example", "invalid e"),
    "an address": (f"{POLICY}mx: 192.0.2.1", "valid w"),
    "an extension beyond ASCII": (f"{POLICY}mx: a.example\nnote: für alle", "valid n"),
    "an extension with a colon": (f"{POLICY}mx: a.example\nurl: https://a.example", "valid n"),
    "an extension with a tab": (f"{POLICY}mx: a.example\nnote: a\tb", "invalid e"),
    "a control character": (f"{POLICY}mx: a.example\nnote: a\x00b", "invalid e"),
    "a mark of byte order": (f"\ufeff{POLICY}mx: a.example", "invalid ee"),
}

REPORTS = {
    "by mail": ("v=TLSRPTv1; rua=mailto:reports@example.com", "valid"),
    "by HTTPS": ("v=TLSRPTv1; rua=https://reports.example.com:8443/v1/tls?of=a", "valid"),
    "by both": ("v=TLSRPTv1;rua=mailto:a@example.com,https://b.example.com/", "valid"),
    "in two tags": ("v=TLSRPTv1; rua=mailto:a@example.com; rua=https://b.example.com/", "valid"),
    "by HTTP": ("v=TLSRPTv1; rua=http://reports.example.com/", "invalid e"),
    "a scheme in capital letters": ("v=TLSRPTv1; rua=MAILTO:a@example.com,HTTPS://b.example.com/", "valid"),
    "an address without a scheme": ("v=TLSRPTv1; rua=a@example.com", "invalid e"),
    "an address without a domain": ("v=TLSRPTv1; rua=mailto:reports", "invalid e"),
    "an address without a name": ("v=TLSRPTv1; rua=mailto:@example.com", "invalid e"),
    "fields of mailto": ("v=TLSRPTv1; rua=mailto:a@example.com?subject=tls", "valid"),
    "nothing after the scheme": ("v=TLSRPTv1; rua=mailto:", "invalid e"),
    "no host": ("v=TLSRPTv1; rua=https:///v1", "invalid e"),
    "a host of empty labels": ("v=TLSRPTv1; rua=https://a..example/", "invalid e"),
    "a port that is none": ("v=TLSRPTv1; rua=https://a.example:99999/", "invalid e"),
    "an IPv6 address": ("v=TLSRPTv1; rua=https://[2001:db8::1]/v1", "valid"),
    "an IPv6 address that is none": ("v=TLSRPTv1; rua=https://[::::]/v1", "invalid e"),
    "a size as DMARC has it": ("v=TLSRPTv1; rua=mailto:a@example.com!10m", "invalid e"),
    "an escaped exclamation mark": ("v=TLSRPTv1; rua=mailto:a%21b@example.com", "valid"),
    "a bad escape": ("v=TLSRPTv1; rua=https://a.example/%zz", "invalid e"),
    "a space within": ("v=TLSRPTv1; rua=mailto:a@example.com https://b.example", "invalid e"),
    "a comma at the end": ("v=TLSRPTv1; rua=mailto:a@example.com,", "invalid e"),
    "one of two that is bad": ("v=TLSRPTv1; rua=mailto:a@example.com, ftp://b.example", "invalid e"),
    "a name in capital letters": ("v=TLSRPTv1; RUA=mailto:a@example.com", "invalid en"),
    "a version in small letters": ("v=tlsrptv1; rua=mailto:a@example.com", "invalid e"),
    "an extension": ("v=TLSRPTv1; rua=mailto:a@example.com; ext=yes", "valid n"),
    "an extension alone": ("v=TLSRPTv1; ext=yes", "invalid en"),
}


@pytest.mark.parametrize(("text", "expected"), RECORDS.values(), ids=RECORDS)
def test_an_mta_sts_record(text: str, expected: str) -> None:
    assert says("MTA-STS", text) == expected, sentences("MTA-STS", text)


@pytest.mark.parametrize(("text", "expected"), POLICIES.values(), ids=POLICIES)
def test_an_mta_sts_policy(text: str, expected: str) -> None:
    assert says("MTA-STS-POLICY", text) == expected, sentences("MTA-STS-POLICY", text)


@pytest.mark.parametrize(("text", "expected"), REPORTS.values(), ids=REPORTS)
def test_a_tls_rpt_record(text: str, expected: str) -> None:
    assert says("TLS-RPT", text) == expected, sentences("TLS-RPT", text)


def test_a_wildcard_is_explained() -> None:
    assert "a * may stand for the whole first label only" in sentences("MTA-STS-POLICY", "mx: mx*.example.com")
