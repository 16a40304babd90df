//! The DNS client: one question, asked as often as it takes.

use crate::osi::{
    application::{program::Program, report::DnsExchange, spec::DnsLookup},
    session::{Record, RecordData, Resolver, shown},
};

/// Asks for the records of one name.
pub(in crate::osi::application) async fn look_up(program: &Program, spec: &DnsLookup) {
    let resolver = Resolver {
        server: (program.traffic.to.address, spec.port).into(),
        timeout: spec.timeout,
        attempts: spec.attempts,
        edns: spec.edns,
    };
    let mut open = program.entry.open(DnsExchange {
        query: spec.query.clone(),
        record: spec.record,
        started: program.now(),
        took: None,
        attempts: 0,
        answers: Vec::new(),
        over_tcp: false,
        authoritative: false,
        error: None,
    });
    program.started(format!("DNS question: {} {}", spec.query, spec.record));
    let lookup = resolver.query(&program.host, &spec.query, spec.record);
    let lookup = lookup.await;
    open.update(|e| {
        e.attempts = lookup.attempts;
        e.over_tcp = lookup.over_tcp;
        e.authoritative = lookup.authoritative;
    });
    match lookup.result {
        Ok(answers) => {
            let (texts, took) = (texts(&answers), lookup.took);
            program.finished(format!("{} is {texts} in {took}", spec.query));
            open.update(|e| {
                e.took = Some(lookup.took);
                e.answers = answers;
            });
        }
        Err(error) => {
            program.failed(format!("{}: {error}", spec.query));
            open.update(|e| {
                e.took = error.was_answered().then_some(lookup.took);
                e.error = Some(error.to_string());
            });
        }
    }
}

/// The records in words; an alias is shown as such.
fn texts(records: &[Record]) -> String {
    let text = |record: &Record| match &record.data {
        RecordData::Cname(target) => format!("alias of {}", shown(target)),
        data => data.to_string(),
    };
    let texts: Vec<String> = records.iter().map(text).collect();
    texts.join(", ")
}
