//! Certificates and connections between two hosts on one machine.

use super::{certificates::Authority, config::TlsSetting, spec::CertificateKind};
use crate::rng::RootSeed;

/// 2025-01-01T00:00:00Z.
const SETTING: TlsSetting = TlsSetting {
    epoch: 1_735_689_600_000_000_000,
    seed: RootSeed(7),
};

fn server(setting: TlsSetting, kind: CertificateKind) -> Vec<u8> {
    let authority = Authority::of_scenario(setting).unwrap();
    let names = ["bob".to_owned(), "10.0.0.2".to_owned()];
    authority.server(&names, kind).unwrap().certificate.to_vec()
}

fn holds(der: &[u8], text: &str) -> bool {
    der.windows(text.len()).any(|w| w == text.as_bytes())
}

#[test]
fn a_certificate_depends_on_seed_calendar_and_names_alone() {
    let usual = server(SETTING, CertificateKind::Valid);
    assert_eq!(usual, server(SETTING, CertificateKind::Valid));
    let seed = RootSeed(8);
    assert_ne!(
        usual,
        server(TlsSetting { seed, ..SETTING }, CertificateKind::Valid)
    );
    let epoch = SETTING.epoch + 86_400_000_000_000;
    assert_ne!(
        usual,
        server(TlsSetting { epoch, ..SETTING }, CertificateKind::Valid)
    );
    // The time of the day does not matter.
    let epoch = SETTING.epoch + 3_600_000_000_000;
    assert_eq!(
        usual,
        server(TlsSetting { epoch, ..SETTING }, CertificateKind::Valid)
    );
}

#[test]
fn a_certificate_holds_names_and_dates_as_its_kind_says() {
    // 30 days before the first of January is the second of December, 335 after it the second of
    // December again; UTCTime has two digits for the year (RFC 5280, section 4.1.2.5.1).
    let valid = server(SETTING, CertificateKind::Valid);
    assert!(holds(&valid, "241202000000Z") && holds(&valid, "251202000000Z"));
    assert!(holds(&valid, "bob") && holds(&valid, "netsim root CA"));
    let expired = server(SETTING, CertificateKind::Expired);
    assert!(holds(&expired, "240102000000Z") && holds(&expired, "241202000000Z"));
    let early = server(SETTING, CertificateKind::NotYetValid);
    assert!(holds(&early, "250131000000Z"));
    let other = server(SETTING, CertificateKind::WrongName);
    assert!(holds(&other, "elsewhere.example") && !holds(&other, "bob"));
    let own = server(SETTING, CertificateKind::SelfSigned);
    assert!(holds(&own, "bob") && !holds(&own, "netsim root CA"));
}
