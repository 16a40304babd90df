//! Names, found and not found, and traffic that asks for them first.

use std::sync::Arc;

use super::*;

#[test]
fn names_are_found_or_not() {
    let lab = Lab::cable();
    let server = zone(&lab);
    let outcome = lab
        .serve(server)
        .go(question("BOB"))
        .go(question("nobody.example"))
        .run();
    let found = &questions(&outcome, 0)[0];
    let data: Vec<_> = found.answers.iter().map(|record| &record.data).collect();
    assert_eq!(data, [&RecordData::A([10, 0, 0, 2].into())]);
    assert_eq!((found.attempts, found.error.as_deref()), (1, None));
    let missing = &questions(&outcome, 1)[0];
    assert_eq!(
        missing.error.as_deref(),
        Some("the DNS server answered NXDOMAIN")
    );
}

#[test]
fn a_silent_server_is_asked_as_often_as_told() {
    // Nobody reads what is lost on the wire: three questions, 5 s apart, given up after 15 s.
    let mut lab = Lab::cable();
    let server = zone(&lab);
    Arc::make_mut(&mut lab.topology.links[0].profiles[1]).loss = "100%".parse().unwrap();
    let mut lab = lab.serve(server).go(question("bob"));
    lab.stop = Some(SimTime::from_nanos(60_000 * MS));
    let outcome = lab.run();
    let exchange = &questions(&outcome, 0)[0];
    assert_eq!(exchange.attempts, 3);
    assert!(
        exchange.error.as_deref().unwrap().contains("no answer"),
        "{exchange:?}"
    );
    assert_eq!(
        outcome.reports[0].ended,
        Some(SimTime::from_nanos(15_000 * MS))
    );
}

#[test]
fn traffic_by_name_asks_the_dns_server_first() {
    let lab = Lab::cable();
    let server = zone(&lab);
    let mut lab = lab
        .serve(server)
        .serve(site(vec![]))
        .go(App::Http(http(vec![request("GET", "/", Body::Empty)])));
    lab.dns_server = Some(lab.bob_address());
    lab.traffic[0].resolve_by_dns = true;
    let outcome = lab.run();
    let exchange = &exchanges(&outcome, 0)[0];
    assert_eq!(exchange.error, None);
    // A question and its answer take a round trip of 20 ms.
    let lookup = exchange.lookup.unwrap().as_nanos();
    assert!((20 * MS..21 * MS).contains(&lookup), "lookup {lookup}");
    let total = exchange.total.unwrap().as_nanos();
    assert!((60 * MS..63 * MS).contains(&total), "total {total}");
}
