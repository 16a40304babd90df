//! The certificates of a scenario: an authority, and what it signs.
//!
//! Contract: the same seed, names and calendar give the same bytes. Keys grow from the seed,
//! serial numbers from the names, dates from the first day of the run. Signatures are Ed25519
//! (RFC 8032), which draws nothing at random.

use std::time::Duration;

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, PKCS_ED25519, SerialNumber, date_time_ymd,
};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};

use super::{config::TlsSetting, spec::CertificateKind};

/// A certificate and its key.
#[derive(Debug)]
pub(super) struct Identity {
    pub(super) certificate: CertificateDer<'static>,
    pub(super) key: PrivateKeyDer<'static>,
}

/// Whoever signs certificates.
pub(super) struct Authority {
    pub(super) root: CertificateDer<'static>,
    issuer: Issuer<'static, KeyPair>,
    setting: TlsSetting,
}

impl Authority {
    /// The authority of the scenario, which clients trust.
    pub(super) fn of_scenario(setting: TlsSetting) -> Result<Self, rcgen::Error> {
        Self::called("netsim root CA", setting)
    }

    /// Another one, for clients that trust nobody here.
    pub(super) fn foreign(setting: TlsSetting) -> Result<Self, rcgen::Error> {
        Self::called("Another root CA", setting)
    }

    fn called(name: &str, setting: TlsSetting) -> Result<Self, rcgen::Error> {
        let (key, _) = key_pair(&["authority", name], setting)?;
        let mut params = params(name, &[], (-YEARS_OF_ROOT, YEARS_OF_ROOT), setting)?;
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let root = params.self_signed(&key)?.der().clone();
        Ok(Self {
            root,
            issuer: Issuer::new(params, key),
            setting,
        })
    }

    /// The certificate of a server with these names.
    pub(super) fn server(
        &self,
        names: &[String],
        kind: CertificateKind,
    ) -> Result<Identity, rcgen::Error> {
        let elsewhere = ["elsewhere.example".to_owned()];
        let names = match kind {
            CertificateKind::WrongName => &elsewhere,
            _ => names,
        };
        let days = match kind {
            CertificateKind::Expired => (-365, -30),
            CertificateKind::NotYetValid => (30, 365),
            _ => USUAL_DAYS,
        };
        let common = names.first().map_or("server", String::as_str);
        let mut params = params(common, names, days, self.setting)?;
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        if kind == CertificateKind::SelfSigned {
            let (pair, key) = key_pair(&["server", common], self.setting)?;
            let certificate = params.self_signed(&pair)?.der().clone();
            return Ok(Identity { certificate, key });
        }
        self.sign(params, &["server", common])
    }

    /// The certificate of the client called `name`.
    pub(super) fn client(&self, name: &str) -> Result<Identity, rcgen::Error> {
        let mut params = params(name, &[name.to_owned()], USUAL_DAYS, self.setting)?;
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        self.sign(params, &["client", name])
    }

    fn sign(&self, mut params: CertificateParams, who: &[&str]) -> Result<Identity, rcgen::Error> {
        let (pair, key) = key_pair(who, self.setting)?;
        params.use_authority_key_identifier_extension = true;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        let certificate = params.signed_by(&pair, &self.issuer)?.der().clone();
        Ok(Identity { certificate, key })
    }
}

/// What every certificate says: whom it is for, and from which day to which, counted from the
/// first day of the run.
fn params(
    common_name: &str,
    names: &[String],
    days: (i64, i64),
    setting: TlsSetting,
) -> Result<CertificateParams, rcgen::Error> {
    let mut params = CertificateParams::new(names)?;
    params
        .distinguished_name
        .push(DnType::CommonName, common_name);
    let today = setting.epoch / 1_000_000_000 / DAY;
    let date = |days: i64| {
        let seconds = today.saturating_add_signed(days) * DAY;
        date_time_ymd(1970, 1, 1) + Duration::from_secs(seconds)
    };
    (params.not_before, params.not_after) = (date(days.0), date(days.1));
    let mut serial = [0; 16];
    setting
        .seed
        .stream(&["tls", "serial", common_name])
        .fill(&mut serial);
    // RFC 5280, section 4.1.2.2: positive, and no zero in front.
    serial[0] = serial[0] & 0x7f | 0x40;
    params.serial_number = Some(SerialNumber::from_slice(&serial));
    Ok(params)
}

/// The key of `who`.
fn key_pair(
    who: &[&str],
    setting: TlsSetting,
) -> Result<(KeyPair, PrivateKeyDer<'static>), rcgen::Error> {
    let path: Vec<&str> = ["tls", "key"].iter().chain(who).copied().collect();
    let mut secret = [0; 32];
    setting.seed.stream(&path).fill(&mut secret);
    let der: Vec<u8> = PKCS8_ED25519.into_iter().chain(secret).collect();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(der));
    let pair = KeyPair::from_der_and_sign_algo(&key, &PKCS_ED25519)?;
    Ok((pair, key))
}

/// \[s\]
const DAY: u64 = 86_400;
/// The days around the run for which a root is valid: ten years each way.
const YEARS_OF_ROOT: i64 = 3650;
/// The days around the run for which a certificate is valid.
const USUAL_DAYS: (i64, i64) = (-30, 335);
/// What stands before the 32 bytes of an Ed25519 key in PKCS #8 (RFC 8410, section 7).
const PKCS8_ED25519: [u8; 16] = [
    0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
];
