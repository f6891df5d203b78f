"""Certificates for the hosts of one run, made anew for each; their keys outlive nothing."""

import base64
import ssl
import tempfile
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from ipaddress import IPv4Address

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

# Against a clock that was set back meanwhile, and for a stand-in that runs for some days.
_BEFORE = timedelta(hours=1)
_AFTER = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Issued:
    """A server's certificate and its private key, both as PEM."""

    certificate: str
    key: str = field(repr=False)

    def context(self) -> ssl.SSLContext:
        """Return the TLS context of a server that has it."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        # OpenSSL reads files alone; this one is its owner's and gone at once.
        with tempfile.NamedTemporaryFile("w", suffix=".pem") as file:
            file.write(self.certificate + self.key)
            file.flush()
            context.load_cert_chain(file.name)
        return context

    @property
    def pin(self) -> str:
        """The public key's digest, as browsers name it (RFC 7469, section 2.4)."""
        public = x509.load_pem_x509_certificate(self.certificate.encode()).public_key()
        digest = sha256(public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).digest()
        return base64.b64encode(digest).decode()


class Authority:
    """A certificate authority of one run. Its key is in this process alone, and gone with it."""

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Studio Gate stand-in, development only")])
        root = _builder(self._name, self._name, self._key, self._key)
        root = root.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        root = root.add_extension(_usage(signs=True), critical=True)
        self.pem = root.sign(self._key, hashes.SHA256()).public_bytes(Encoding.PEM).decode()

    def issue(self, *names: str) -> Issued:
        """Return a certificate for hosts such as `*.example.com`, and for IPv4 addresses."""
        key = ec.generate_private_key(ec.SECP256R1())
        leaf = _builder(x509.Name([]), self._name, key, self._key)
        # RFC 5280, 4.2.1.6: critical, because the subject is empty (a host may be too long for a common name).
        leaf = leaf.add_extension(x509.SubjectAlternativeName([_general(name) for name in names]), critical=True)
        leaf = leaf.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        leaf = leaf.add_extension(_usage(signs=False), critical=True)
        leaf = leaf.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        signed = leaf.sign(self._key, hashes.SHA256()).public_bytes(Encoding.PEM)
        private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        return Issued(signed.decode(), private.decode())


def _general(name: str) -> x509.GeneralName:
    return x509.IPAddress(IPv4Address(name)) if name.replace(".", "").isdigit() else x509.DNSName(name)


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, issuer_key: ec.EllipticCurvePrivateKey
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(subject_name=subject, issuer_name=issuer, public_key=key.public_key())
    builder = builder.serial_number(x509.random_serial_number())
    builder = builder.not_valid_before(now - _BEFORE).not_valid_after(now + _AFTER)
    own = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    by = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key())
    return builder.add_extension(own, critical=False).add_extension(by, critical=False)


def _usage(*, signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs,
        key_cert_sign=signs,
        crl_sign=False,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
