"""Can a reader tell that a released edition is the publisher's, and are its bytes otherwise as they were?"""

import hashlib
import io
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest
from asn1crypto.x509 import Certificate
from command import build, run
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    pkcs12,
)
from cryptography.x509.oid import NameOID
from publisher import write_publisher
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import SigFieldSpec, append_signature_field
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.status import PdfSignatureStatus, SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext
from test_release import DAY, FILES, OWN, PDF, RELEASED, SIGNED_HOUSE, edit, release, sign, tree

from booklet.inspect import inspect_pdf
from booklet.pdffile import identifier_of
from booklet.store import END

PASSWORD = "correct horse battery staple"
SHEETS = PDF.replace(".pdf", ".desk.pdf")


@dataclass(frozen=True)
class Identity:
    """A key, and a certificate that it has signed itself."""

    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey
    certificate: x509.Certificate

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(Encoding.DER)

    def file(self, password: str = PASSWORD, *, key: bool = True) -> bytes:
        """A key file (PKCS #12)."""
        lock = BestAvailableEncryption(password.encode()) if password else NoEncryption()
        if not key:
            return pkcs12.serialize_key_and_certificates(None, None, None, [self.certificate], lock)
        return pkcs12.serialize_key_and_certificates(b"press", self.key, self.certificate, None, lock)


KEYS: dict[str, Callable[[], rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey]] = {
    "rsa": lambda: rsa.generate_private_key(65537, 2048),
    "short rsa": lambda: rsa.generate_private_key(65537, 1024),
    "elliptic curve": lambda: ec.generate_private_key(ec.SECP256R1()),
    "ed25519": ed25519.Ed25519PrivateKey.generate,
}


@cache
def identity(
    kind: str = "rsa",
    first: str = "2026-01-01",
    last: str = "2027-12-31",
    who: x509.ObjectIdentifier = NameOID.COMMON_NAME,
    *,
    signs: bool = True,
) -> Identity:
    key = KEYS[kind]()
    name = x509.Name([x509.NameAttribute(who, "The House of Health")])
    usage = dict.fromkeys(
        ("key_encipherment", "data_encipherment", "key_agreement", "crl_sign", "encipher_only"), False
    )
    usage |= {
        "digital_signature": signs,
        "content_commitment": signs,
        "key_cert_sign": True,
        "decipher_only": False,
    }
    builder = (
        x509.CertificateBuilder(name, name, key.public_key(), 7)
        .not_valid_before(datetime.fromisoformat(first))
        .not_valid_after(datetime.fromisoformat(last))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.KeyUsage(**usage), critical=True)
    )
    return Identity(key, builder.sign(key, None if kind == "ed25519" else SHA256()))


def keys(root: Path, data: bytes, password: str = PASSWORD) -> tuple[object, ...]:
    """What to type to sign with a key file."""
    (root / "key.p12").write_bytes(data)
    (root / "password.txt").write_text(f"{password}\n", encoding="utf-8")
    return "--sign", root / "key.p12", "--sign-password-file", root / "password.txt"


def publisher(root: Path) -> Path:
    """A publisher with a booklet that all have signed off."""
    write_publisher(root, house=SIGNED_HOUSE, files=FILES)
    sign(root)
    return root


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A publisher that has released a booklet, signed."""
    root = publisher(tmp_path_factory.mktemp("signed") / "house")
    ran = release(root, *keys(root, identity().file()))
    assert ran.status == 0, ran
    assert "colds 1.0 is released, signed by The House of Health" in ran.out
    return root


@pytest.fixture
def root(once: Path, tmp_path: Path) -> Path:
    shutil.copytree(once, tmp_path / "house")
    return tmp_path / "house"


def validated(pdf: bytes, who: Identity) -> PdfSignatureStatus:
    """What pyHanko's validator says of the only signature of a file."""
    (signature,) = PdfFileReader(io.BytesIO(pdf)).embedded_signatures
    day = datetime(2026, 12, 1, tzinfo=UTC)
    context = ValidationContext(trust_roots=[Certificate.load(who.der)], moment=day)
    status = validate_pdf_signature(signature, context)
    assert isinstance(status, PdfSignatureStatus)
    return status


# --- What is signed --------------------------------------------------------------------------


def test_the_editions_for_readers_are_signed(once: Path) -> None:
    pdf = (once / RELEASED / PDF).read_bytes()
    status = validated(pdf, identity())
    assert status.bottom_line, status.summary()
    assert status.coverage is SignatureCoverageLevel.ENTIRE_FILE
    assert status.signer_reported_dt == datetime(2026, 11, 29, tzinfo=UTC)
    (signature,) = PdfFileReader(io.BytesIO(pdf)).embedded_signatures
    assert signature.sig_object["/SubFilter"] == "/ETSI.CAdES.detached"
    assert not PdfFileReader(io.BytesIO((once / RELEASED / SHEETS).read_bytes())).embedded_signatures


def test_a_signature_is_appended_to_what_would_have_been_released(root: Path) -> None:
    pdf = (root / RELEASED / PDF).read_bytes()
    assert build(root, "--today", DAY).status == 0
    made = (root / "dist/colds/1.0" / PDF).read_bytes()
    assert pdf[: len(made)] == made
    assert pdf.count(b"%%EOF") == 2
    assert identifier_of(pdf[-END:]) == identifier_of(made) != b""
    manifest = json.loads((root / RELEASED / "manifest.json").read_bytes())
    assert manifest["files"][PDF]["sha256"] == hashlib.sha256(pdf).hexdigest()
    said = {"sha256": hashlib.sha256(made).hexdigest(), "size": len(made)}
    assert manifest["signature"] == {
        "by": "The House of Health",
        "certificate": hashlib.sha256(identity().der).hexdigest(),
        "before": {PDF: said},
    }


def test_a_signed_edition_is_as_accessible_as_before_and_passes_its_checks(root: Path) -> None:
    signed = inspect_pdf((root / RELEASED / PDF).read_bytes()).value
    build(root, "--today", DAY)
    made = inspect_pdf((root / "dist/colds/1.0" / PDF).read_bytes()).value
    assert signed
    assert made
    assert signed.failures == {"PDF/UA-1": (), "PDF/A-2a": ()}
    assert (signed.metadata, signed.links, signed.notes) == (made.metadata, made.links, ())
    assert signed.letters.text(range(50)) == made.letters.text(range(50))
    ran = run("check", root / RELEASED / PDF, "--root", root, "--today", DAY)
    assert (ran.status, "passed" in ran.out) == (0, True), ran


@pytest.mark.parametrize("kind", ["elliptic curve", "ed25519"])
def test_other_keys_sign_as_well(kind: str, tmp_path: Path) -> None:
    root, who = publisher(tmp_path), identity(kind)
    assert release(root, *keys(root, who.file(""))[:2]).status == 0
    assert validated((root / RELEASED / PDF).read_bytes(), who).bottom_line


def test_a_certificate_without_a_common_name_signs_as_well(tmp_path: Path) -> None:
    root, who = publisher(tmp_path), identity(who=NameOID.ORGANIZATIONAL_UNIT_NAME)
    ran = release(root, *keys(root, who.file()))
    assert (ran.status, "signed by OU=The House of Health" in ran.out) == (0, True), ran


@pytest.mark.parametrize("beside", [b"endstream", b"publisher"], ids=["before", "appended"])
def test_a_changed_byte_is_found_by_who_has_nothing_but_the_file(beside: bytes, once: Path) -> None:
    pdf = bytearray((once / RELEASED / PDF).read_bytes())
    at = pdf.index(beside) - 10 if beside == b"endstream" else pdf.rindex(beside)
    pdf[at] ^= 1
    status = validated(bytes(pdf), identity())
    assert (status.intact, status.bottom_line) == (False, False)


def test_a_changed_byte_is_found_in_the_shop_too(root: Path) -> None:
    path = root / RELEASED / PDF
    path.write_bytes(path.read_bytes().replace(b"publisher", b"Publisher"))
    ran = run("releases", "verify", "--root", root)
    assert ran.status == 1
    assert f"--> colds/1.0/{PDF}" in ran.out


def test_a_field_that_can_be_seen_is_told(root: Path) -> None:
    writer = IncrementalPdfFileWriter(io.BytesIO((root / RELEASED / PDF).read_bytes()))
    append_signature_field(writer, SigFieldSpec("Other", box=(50, 50, 150, 80)))
    with (root / "stamped.pdf").open("wb") as file:
        writer.write(file)
    ran = run("check", root / "stamped.pdf", "--root", root, "--today", DAY, "--json")
    assert "note-stray" in ran.codes


# --- What is made of it ----------------------------------------------------------------------


def test_clinics_editions_are_those_of_a_release_that_is_not_signed(root: Path, tmp_path: Path) -> None:
    plain = publisher(tmp_path / "plain")
    assert release(plain).status == 0
    for folder in (root, plain):
        edit(folder, "go away", "never go away")
        build(folder, "--today", DAY, "--all-clinics")
    own = (root / "dist/colds/1.0" / OWN).read_bytes()
    assert own == (plain / "dist/colds/1.0" / OWN).read_bytes()
    assert not PdfFileReader(io.BytesIO(own)).embedded_signatures
    assert own.count(b"%%EOF") == 1


def test_a_build_keeps_clinics_editions_of_a_signed_release(root: Path) -> None:
    build(root, "--today", DAY, "--all-clinics")
    ran = build(root, "--today", DAY, "--json")
    assert (ran.status, ran.data["taken_away"]) == (0, [])
    assert (root / "dist/colds/1.0" / OWN).exists()


# --- Released again --------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["nobody", "the same", "another"])
def test_releasing_again_changes_nothing_whoever_signs(who: str, root: Path) -> None:
    before = tree(root / "releases")
    key = identity("elliptic curve") if who == "another" else identity()
    words = keys(root, key.file()) if who != "nobody" else ()
    ran = release(root, "--json", *words)
    assert (ran.status, ran.data["new"]) == (0, False), ran
    assert tree(root / "releases") == before


def test_what_was_released_without_a_signature_gets_none(tmp_path: Path) -> None:
    root = publisher(tmp_path)
    assert release(root).status == 0
    before = tree(root / "releases")
    ran = release(root, *keys(root, identity().file()))
    assert ran.status == 1
    assert f"1.0 was released on {DAY} without a signature" in ran.out
    assert 'make it version: "1.1"' in ran.out
    assert tree(root / "releases") == before


# --- Keys --------------------------------------------------------------------------------------

FAULTS = {
    "another password": (lambda: identity().file(), "wrong", "does not begin with its password"),
    "no password": (lambda: identity().file(), None, "no key file (PKCS #12), or needs a password"),
    "no key file": (lambda: b"-----BEGIN PRIVATE KEY-----", PASSWORD, "is no key file (PKCS #12)"),
    "no private key": (lambda: identity().file(key=False), PASSWORD, "has no private key"),
    "expired": (
        lambda: identity(last="2026-11-28").file(),
        PASSWORD,
        "holds from 2026-01-01 to 2026-11-28, and not on 2026-11-29",
    ),
    "to come": (lambda: identity(first="2026-11-30").file(), PASSWORD, "holds from 2026-11-30"),
    "to come at noon": (
        lambda: identity(first="2026-11-29T12:00").file(),
        PASSWORD,
        "holds from 2026-11-29 12:00 to 2027-12-31, and not on 2026-11-29",
    ),
    "too short": (
        lambda: identity("short rsa").file(),
        PASSWORD,
        "has a key of 1024 bits, and signatures need",
    ),
    "for something else": (lambda: identity(signs=False).file(), PASSWORD, "is not meant for signatures"),
    "not there": (None, PASSWORD, "key.p12 cannot be read: No such file or directory"),
}


@pytest.mark.parametrize(("data", "password", "told"), FAULTS.values(), ids=FAULTS)
def test_a_key_that_cannot_be_used_is_told_before_any_work(
    data: Callable[[], bytes] | None, password: str | None, told: str, tmp_path: Path
) -> None:
    root = publisher(tmp_path)
    words = keys(root, data() if data else b"", password or "")
    if data is None:
        (root / "key.p12").unlink()
    ran = release(root, *(words if password else words[:2]))
    assert (ran.status, told in ran.err) == (2, True), ran
    assert not any(secret in ran.out + ran.err for secret in (PASSWORD, "wrong", "PRIVATE"))
    assert not (root / "releases").exists()


def test_a_password_alone_signs_nothing(tmp_path: Path) -> None:
    root = publisher(tmp_path)
    ran = release(root, *keys(root, identity().file())[2:])
    assert (ran.status, "add --sign KEY.p12" in ran.err) == (2, True), ran


def test_nothing_of_the_key_is_in_the_release(once: Path) -> None:
    key = identity().key
    assert isinstance(key, rsa.RSAPrivateKey)
    prime = key.private_numbers().p
    secrets = [
        *(PASSWORD.encode(), (once / "key.p12").read_bytes(), prime.to_bytes(128, "big")),
        key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()),
    ]
    secrets += [secret.hex().encode() for secret in secrets]
    for name, data in tree(once / "releases").items():
        assert not [secret for secret in secrets if secret in data or secret.upper() in data], name
        assert b"key.p12" not in data
