"""A certificate for Studio's hosts, made anew for each run; its keys outlive nothing."""

import ssl
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

# Against a clock that was set back meanwhile, and for a stand-in that runs for some days.
_BEFORE = timedelta(hours=1)
_AFTER = timedelta(days=7)


def context_for(host: str, authority: Path) -> ssl.SSLContext:
    """Return a server's TLS context for a host such as `*.example.com`, and write the authority to trust to a file.

    The authority's key is forgotten as soon as it has signed: who trusts the file trusts this one certificate.
    """
    issuer_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Studio Gate stand-in, development only")])
    root = _builder(issuer, issuer, issuer_key, issuer_key)
    root = root.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    root = root.add_extension(_usage(signs=True), critical=True)
    leaf = _builder(x509.Name([]), issuer, key, issuer_key)
    # RFC 5280, 4.2.1.6: critical, because the subject is empty (the host may be too long for a common name).
    leaf = leaf.add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=True)
    leaf = leaf.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    leaf = leaf.add_extension(_usage(signs=False), critical=True)
    leaf = leaf.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
    authority.write_bytes(root.sign(issuer_key, hashes.SHA256()).public_bytes(Encoding.PEM))
    return _context(leaf.sign(issuer_key, hashes.SHA256()), key)


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


def _context(leaf: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    # OpenSSL reads files alone; this one is its owner's and gone at once.
    with tempfile.NamedTemporaryFile(suffix=".pem") as file:
        file.write(leaf.public_bytes(Encoding.PEM) + private)
        file.flush()
        context.load_cert_chain(file.name)
    return context
