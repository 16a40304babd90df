//! What went wrong with TLS, in words that do not depend on the version of rustls.

use std::io;

use rustls::{AlertDescription, CertificateError, Error};

/// The error as one of input and output, with our words.
pub(super) fn io_error(error: &Error) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("TLS: {}", words(error)))
}

/// The error in words.
pub(in crate::osi::presentation) fn words(error: &Error) -> String {
    match error {
        Error::InvalidCertificate(why) => certificate(why),
        Error::AlertReceived(alert) => format!("the other side sent the alert {}", name(*alert)),
        Error::InvalidMessage(_) => "what came back is not TLS".to_owned(),
        Error::NoApplicationProtocol => {
            "the two sides have no application protocol in common (ALPN)".to_owned()
        }
        Error::NoCertificatesPresented => "the client shows no certificate".to_owned(),
        Error::PeerIncompatible(why) => format!("the two sides cannot agree ({why:?})"),
        other => other.to_string(),
    }
}

fn certificate(why: &CertificateError) -> String {
    use CertificateError as E;
    match why {
        E::UnknownIssuer => "the certificate is signed by nobody who is trusted here".to_owned(),
        E::Expired | E::ExpiredContext { .. } => "the certificate has expired".to_owned(),
        E::NotValidYet | E::NotValidYetContext { .. } => {
            "the certificate is not valid yet".to_owned()
        }
        E::NotValidForName | E::NotValidForNameContext { .. } => {
            "the certificate is for another name".to_owned()
        }
        E::BadSignature => "the signature of the certificate is wrong".to_owned(),
        other => format!("the certificate is bad ({other:?})"),
    }
}

/// The names of RFC 8446, section 6, for the alerts that can come; the rest by number.
pub(in crate::osi::presentation) fn name(alert: AlertDescription) -> String {
    use AlertDescription as A;
    let name = match alert {
        A::CloseNotify => "close_notify",
        A::UnexpectedMessage => "unexpected_message",
        A::BadRecordMac => "bad_record_mac",
        A::RecordOverflow => "record_overflow",
        A::HandshakeFailure => "handshake_failure",
        A::BadCertificate => "bad_certificate",
        A::UnsupportedCertificate => "unsupported_certificate",
        A::CertificateRevoked => "certificate_revoked",
        A::CertificateExpired => "certificate_expired",
        A::CertificateUnknown => "certificate_unknown",
        A::IllegalParameter => "illegal_parameter",
        A::UnknownCA => "unknown_ca",
        A::AccessDenied => "access_denied",
        A::DecodeError => "decode_error",
        A::DecryptError => "decrypt_error",
        A::ProtocolVersion => "protocol_version",
        A::InsufficientSecurity => "insufficient_security",
        A::InternalError => "internal_error",
        A::UserCanceled => "user_canceled",
        A::MissingExtension => "missing_extension",
        A::UnsupportedExtension => "unsupported_extension",
        A::UnrecognisedName => "unrecognized_name",
        A::CertificateRequired => "certificate_required",
        A::NoApplicationProtocol => "no_application_protocol",
        other => return u8::from(other).to_string(),
    };
    name.to_owned()
}
