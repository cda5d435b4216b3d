"""How is an edition signed, so that a reader's program can tell who released it, and that nobody changed it?

PAdES baseline B-B (ETSI EN 319 142-1): a signature that nobody sees is appended, and all bytes that were
there stay as they are. There is no time stamp, as the press asks nobody on a network for one.
"""

import hashlib
import io
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import InvisSigSettings, SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, SimpleSigner
from pyhanko.sign.signers.pdf_signer import PdfSigningSession

from .problem import Outcome, Problem
from .released import Seal

#: The name of the signature's field, and what a screen reader says of it.
FIELD, SAID = "Signature", "The publisher's signature"

#: No key file is larger, in bytes: it holds a key and a few certificates.
MAX_KEY = 1_000_000

#: In bits: a shorter one can be broken (ETSI TS 119 312; validators refuse it).
SHORTEST_RSA = 2048


def seal_of(key: Path, password: Path | None, day: date) -> Outcome[Seal]:
    """What is in a key file (PKCS #12), opened with the first line of the password's file.

    Nothing that is said of a fault repeats any of the password or of the key.
    """
    try:
        data = _start_of(key)
        word = _start_of(password).split(b"\n")[0].removesuffix(b"\r") if password else None
    except OSError as error:
        return _fault(f"{error.filename} cannot be read: {error.strerror}", "look at its name and its rights")
    try:
        private, certificate, _ = pkcs12.load_key_and_certificates(data, word)
    except (ValueError, TypeError):
        return _not_opened(key, password)
    if private is None or certificate is None:
        what = "private key" if private is None else "certificate"
        return _fault(f"{key} has no {what}", "export both from where you keep them, into one file .p12")
    first, last = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    if not first <= _moment(day) <= last:
        message = f"The certificate in {key} holds from {_said(first)} to {_said(last)}, and not on {day}"
        return _fault(message, "have it renewed" if _moment(day) > last else "look at --today")
    unfit = _unfit(certificate)
    if unfit:
        return _fault(
            f"The certificate in {key} {unfit}", "ask who gave it to you for one to sign documents with"
        )
    signer = SimpleSigner.load_pkcs12_data(data, (), word)
    digest = hashlib.sha256(signer.signing_cert.dump()).hexdigest()
    name = _name(certificate)
    return Outcome(Seal(name, digest, lambda pdf: _signed(pdf, signer, name, day)))


def _moment(day: date) -> datetime:
    """The day's first moment (UTC), which stands in for a clock."""
    return datetime.combine(day, time(), UTC)


def _said(when: datetime) -> str:
    return str(when.date()) if when.time() == time() else f"{when:%Y-%m-%d %H:%M}"


def _unfit(certificate: x509.Certificate) -> str:
    """Why nobody would trust what a certificate signs; empty where it is fit."""
    key = certificate.public_key()
    if isinstance(key, rsa.RSAPublicKey) and key.key_size < SHORTEST_RSA:
        return f"has a key of {key.key_size} bits, and signatures need {SHORTEST_RSA}"
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return ""
    # RFC 5280, 4.2.1.3: one of them allows what is no certificate to be signed.
    return "" if usage.digital_signature or usage.content_commitment else "is not meant for signatures"


def _name(certificate: x509.Certificate) -> str:
    """To whom a certificate was given: the name, else the organisation, else all that it says."""
    for kind in (NameOID.COMMON_NAME, NameOID.ORGANIZATION_NAME):
        for one in certificate.subject.get_attributes_for_oid(kind):
            return str(one.value)
    return certificate.subject.rfc4514_string()


def _start_of(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(MAX_KEY)


def _not_opened(key: Path, password: Path | None) -> Outcome[Seal]:
    if password is None:
        message = f"{key} is no key file (PKCS #12), or needs a password"
        return _fault(message, "write the password into a file that you alone can read: --sign-password-file")
    message = f"{key} is no key file (PKCS #12), or {password} does not begin with its password"
    return _fault(message, "the password is the whole first line of that file")


def _fault(message: str, hint: str) -> Outcome[Seal]:
    return Outcome(None, (Problem("key-fault", message, hint=hint),))


class _Signer(PdfSigner):
    """Signs on a day that is given."""

    def __init__(self, day: date, meta: PdfSignatureMetadata, signer: SimpleSigner, field: SigFieldSpec):
        super().__init__(meta, signer, new_field_spec=field)
        self._day = day

    def init_signing_session(self, *given: Any, **named: Any) -> PdfSigningSession:
        """The session, on that day."""
        session = super().init_signing_session(*given, **named)
        session.system_time = _moment(self._day)
        return session


class _Writer(IncrementalPdfFileWriter):
    """Appends to a file, and leaves what the file says of itself.

    pyHanko would name itself as the producer and now as the day of change, and write the XMP anew: without
    the schema that PDF/A-2a asks for where it says PDF/UA.
    """

    def _update_meta(self) -> None:
        pass


def _signed(pdf: bytes, signer: SimpleSigner, name: str, day: date) -> bytes:
    """The PDF with a signature behind it.

    The field has no size and lies beside the page: only there may it be outside of all tags (PDF/UA-1,
    7.18.1) without being hidden, which PDF/A-2 (6.3.2) forbids.
    """
    beside = InvisSigSettings(set_print_flag=True, set_hidden_flag=False, box_out_of_bounds=True)
    field = SigFieldSpec(FIELD, invis_sig_settings=beside, readable_field_name=SAID)
    meta = PdfSignatureMetadata(FIELD, name=name, subfilter=SigSeedSubFilter.PADES)
    out = _Signer(day, meta, signer, field).sign_pdf(_Writer(io.BytesIO(pdf)))
    return bytes(out.getvalue())
