"""What probes refer to stands in one table, number beside title: a number that is not in it is a mistyped one.

The titles were compared on 2026-12-01 with the checklist of OWASP's testing guide, with lists of the CWE dictionary,
and with what others quote of RFC 5280, 6750, 6797, 7515, 8725 and 9110; those of the other RFCs were not looked up.
"""

from __future__ import annotations

import re

import pytest

from seatrial.verification.probe import Probe
from seatrial.verification.registry import all_probes

RFCS = {
    ("5280", "4.1.2.5"): "Validity",
    ("6585", "4"): "429 Too Many Requests",
    ("6750", "2.3"): "URI Query Parameter",
    ("6749", "1.5"): "Refresh Token",
    ("6750", "3.1"): "Error Codes",
    ("6750", "5.3"): "Summary of Recommendations",
    ("6797", "7.1"): "HTTP-over-Secure-Transport Request Type",
    ("6797", "7.2"): "HTTP Request Type",
    ("7515", "4.1.2"): '"jku" (JWK Set URL) Header Parameter',
    ("7515", "4.1.3"): '"jwk" (JSON Web Key) Header Parameter',
    ("7515", "4.1.4"): '"kid" (Key ID) Header Parameter',
    ("7515", "4.1.5"): '"x5u" (X.509 URL) Header Parameter',
    ("7518", "3.2"): "HMAC with SHA-2 Functions",
    ("7519", "2"): "Terminology",
    ("7519", "4.1.1"): '"iss" (Issuer) Claim',
    ("7519", "4.1.3"): '"aud" (Audience) Claim',
    ("7519", "4.1.2"): '"sub" (Subject) Claim',
    ("7519", "4.1.4"): '"exp" (Expiration Time) Claim',
    ("7519", "4.1.5"): '"nbf" (Not Before) Claim',
    ("8725", "2.1"): "Weak Signatures and Insufficient Signature Validation",
    ("8725", "3.2"): "Use Appropriate Algorithms",
    ("8725", "3.3"): "Validate All Cryptographic Operations",
    ("8725", "3.5"): "Ensure Cryptographic Keys Have Sufficient Entropy",
    ("8725", "3.8"): "Validate Issuer and Subject",
    ("8725", "3.9"): "Use and Validate Audience",
    ("8725", "3.10"): "Do Not Trust Received Claims",
    ("8725", "3.11"): "Use Explicit Typing",
    ("8725", "3.12"): "Use Mutually Exclusive Validation Rules for Different Kinds of JWTs",
    ("8996", ""): "Deprecating TLS 1.0 and TLS 1.1",
    ("9110", "9.3.8"): "TRACE",
    ("9110", "10.2.4"): "Server",
    ("9110", "11.6.1"): "WWW-Authenticate",
    ("9110", "15.5.2"): "401 Unauthorized",
    ("9110", "15.5.5"): "404 Not Found",
    ("9110", "15.5.6"): "405 Method Not Allowed",
    ("9110", "15.5.14"): "413 Content Too Large",
    ("9110", "15.6.2"): "501 Not Implemented",
    ("9111", ""): "HTTP Caching",
    ("9111", "5.1"): "Age",
    ("9111", "5.2.2"): "Response Cache-Control Directives",
}
OTHERS = {
    "API1:2023": "Broken Object Level Authorization",
    "API2:2023": "Broken Authentication",
    "API3:2023": "Broken Object Property Level Authorization",
    "API4:2023": "Unrestricted Resource Consumption",
    "API8:2023": "Security Misconfiguration",
    "API9:2023": "Improper Inventory Management",
    "CVE-2015-9235": "jsonwebtoken takes a public key for a shared one",
    "CWE-20": "Improper Input Validation",
    "CWE-22": "Path Traversal",
    "CWE-89": "SQL Injection",
    "CWE-190": "Integer Overflow or Wraparound",
    "CWE-200": "Exposure of Sensitive Information to an Unauthorized Actor",
    "CWE-204": "Observable Response Discrepancy",
    "CWE-208": "Observable Timing Discrepancy",
    "CWE-209": "Generation of Error Message Containing Sensitive Information",
    "CWE-213": "Exposure of Sensitive Information Due to Incompatible Policies",
    "CWE-248": "Uncaught Exception",
    "CWE-298": "Improper Validation of Certificate Expiration",
    "CWE-306": "Missing Authentication for Critical Function",
    "CWE-307": "Improper Restriction of Excessive Authentication Attempts",
    "CWE-319": "Cleartext Transmission of Sensitive Information",
    "CWE-327": "Use of a Broken or Risky Cryptographic Algorithm",
    "CWE-345": "Insufficient Verification of Data Authenticity",
    "CWE-347": "Improper Verification of Cryptographic Signature",
    "CWE-348": "Use of Less Trusted Source",
    "CWE-489": "Active Debug Code",
    "CWE-525": "Use of Web Browser Cache Containing Sensitive Information",
    "CWE-538": "Insertion of Sensitive Information into Externally-Accessible File or Directory",
    "CWE-598": "Use of GET Request Method With Sensitive Query Strings",
    "CWE-613": "Insufficient Session Expiration",
    "CWE-614": "Sensitive Cookie in HTTPS Session Without 'Secure' Attribute",
    "CWE-639": "Authorization Bypass Through User-Controlled Key",
    "CWE-650": "Trusting HTTP Permission Methods on the Server Side",
    "CWE-672": "Operation on a Resource after Expiration or Release",
    "CWE-674": "Uncontrolled Recursion",
    "CWE-693": "Protection Mechanism Failure",
    "CWE-770": "Allocation of Resources Without Limits or Throttling",
    "CWE-915": "Improperly Controlled Modification of Dynamically-Determined Object Attributes",
    "CWE-918": "Server-Side Request Forgery",
    "CWE-942": "Permissive Cross-domain Policy with Untrusted Domains",
    "CWE-1004": "Sensitive Cookie Without 'HttpOnly' Flag",
    "CWE-1021": "Improper Restriction of Rendered UI Layers or Frames",
    "CWE-1275": "Sensitive Cookie with Improper SameSite Attribute",
    "CWE-1391": "Use of Weak Credentials",
    "WSTG-ATHN-03": "Testing for Weak Lock Out Mechanism",
    "WSTG-ATHZ-04": "Testing for Insecure Direct Object References",
    "WSTG-CLNT-07": "Testing Cross Origin Resource Sharing",
    "WSTG-CONF-04": "Review Old Backup and Unreferenced Files for Sensitive Information",
    "WSTG-CONF-05": "Enumerate Infrastructure and Application Admin Interfaces",
    "WSTG-CONF-06": "Test HTTP Methods",
    "WSTG-CONF-07": "Test HTTP Strict Transport Security",
    "WSTG-CRYP-01": "Testing for Weak Transport Layer Security",
    "WSTG-ERRH-02": "Testing for Stack Traces",
    "WSTG-IDNT-04": "Testing for Account Enumeration and Guessable User Account",
    "WSTG-INFO-02": "Fingerprint Web Server",
    "WSTG-SESS-02": "Testing for Cookies Attributes",
}
_RFC = re.compile(r"RFC (\d+)(?:,? sections? ([\d.]*\d)(?: and ([\d.]*\d))?)?")
_OTHER = re.compile(r"API\d+:2023|CWE-\d+|CVE-[\d-]+|WSTG-[A-Z]+-\d+")


def rfcs_in(text: str) -> set[tuple[str, str]]:
    """Number and section of each RFC; "" where all of it is meant."""
    found = set()
    for number, first, second in _RFC.findall(text):
        found |= {(number, first)} | ({(number, second)} if second else set())
    return found


@pytest.mark.parametrize("probe", all_probes(), ids=lambda it: it.id)
def test_reference_is_in_the_table(probe: Probe) -> None:
    """In what is printed with a flaw, and in the probe's page."""
    page = probe.documentation.partition("## Reference")[2]
    assert page.strip()
    for text in (probe.reference, page):
        assert rfcs_in(text) <= RFCS.keys()
        assert set(_OTHER.findall(text)) <= OTHERS.keys()
