//! What quinn does not tell of a client's handshake: whether it was a full one, which cipher suite it
//! agreed on, and what is wrong with a certificate.
//!
//! rustls tells it in passing: it has a certificate verified in a full handshake only, and it shows
//! every secret, whose length is that of the suite's hash. A session is resumed only where the same
//! verifier is at work, so one [`Verifier`] looks on at all connections of a connector. Those shake
//! hands one after the other; where two overlap, what one says of its certificate may count for both.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicUsize, Ordering::Relaxed},
};

use rustls::{
    DigitallySignedStruct, Error, KeyLog, SignatureScheme,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    pki_types::{CertificateDer, ServerName, UnixTime},
};

use super::super::tls::{Tell, TlsFacts, TlsResumption, TlsVersion, words};

/// Looks on while a client shakes hands once.
#[derive(Debug)]
pub(super) struct Watch {
    verifier: Arc<Verifier>,
    tell: Tell,
    /// Length of a secret \[bytes\].
    secret: AtomicUsize,
}

/// Verifies certificates as rustls does, and notes what it did.
#[derive(Debug)]
pub(super) struct Verifier {
    real: Arc<dyn ServerCertVerifier>,
    noted: Mutex<Noted>,
}

#[derive(Debug, Default)]
struct Noted {
    /// A certificate was verified.
    full: bool,
    /// What is wrong with it.
    failure: Option<String>,
}

impl Watch {
    /// Looks on at a handshake that begins now.
    pub(super) fn new(verifier: &Arc<Verifier>, tell: Tell) -> Arc<Self> {
        verifier.noted(|noted| *noted = Noted::default());
        Arc::new(Self {
            verifier: Arc::clone(verifier),
            tell,
            secret: AtomicUsize::new(0),
        })
    }

    /// What is wrong with the server's certificate, if anything is.
    pub(super) fn failure(&self) -> Option<String> {
        self.verifier.noted(|noted| noted.failure.clone())
    }

    /// What the handshake agreed on. `early` says whether the server took early data, if there
    /// were any.
    pub(super) fn facts(&self, alpn: Option<Vec<u8>>, early: Option<bool>) -> TlsFacts {
        TlsFacts {
            version: TlsVersion::Tls13,
            cipher_suite: self.cipher_suite().to_owned(),
            alpn: alpn.map(|name| String::from_utf8_lossy(&name).into_owned()),
            resumption: match (early, self.verifier.noted(|noted| noted.full)) {
                (Some(true), _) => TlsResumption::EarlyData,
                (Some(false), _) => TlsResumption::EarlyDataRefused,
                (None, false) => TlsResumption::Resumed,
                (None, true) => TlsResumption::Full,
            },
        }
    }

    /// Both sides prefer the same suites: with SHA-384 there is one, of those with SHA-256 the first
    /// is taken.
    fn cipher_suite(&self) -> &'static str {
        match self.secret.load(Relaxed) {
            48 => "TLS_AES_256_GCM_SHA384",
            _ => "TLS_AES_128_GCM_SHA256",
        }
    }
}

impl Verifier {
    pub(super) fn new(real: Arc<dyn ServerCertVerifier>) -> Arc<Self> {
        Arc::new(Self {
            real,
            noted: Mutex::default(),
        })
    }

    fn noted<R>(&self, look: impl FnOnce(&mut Noted) -> R) -> R {
        look(&mut self.noted.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn note<T>(&self, result: Result<T, Error>) -> Result<T, Error> {
        if let Err(error) = &result {
            self.noted(|noted| noted.failure = Some(words(error)));
        }
        result
    }
}

impl KeyLog for Watch {
    fn log(&self, label: &str, client_random: &[u8], secret: &[u8]) {
        self.secret.store(secret.len(), Relaxed);
        self.tell.log(label, client_random, secret);
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        self.noted(|noted| noted.full = true);
        self.note(self.real.verify_server_cert(
            end_entity,
            intermediates,
            server_name,
            ocsp_response,
            now,
        ))
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.real.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.note(self.real.verify_tls13_signature(message, cert, dss))
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.real.supported_verify_schemes()
    }
}
