//! The DNS client: one question, asked as often as it takes.

use std::net::IpAddr;

use crate::osi::{
    application::{program::Program, report::DnsExchange, spec::DnsLookup},
    session::Resolver,
};

/// Asks for the address of one name.
pub(in crate::osi::application) async fn look_up(program: &Program, spec: &DnsLookup) {
    let resolver = Resolver {
        server: (program.traffic.to.address, spec.port).into(),
        timeout: spec.timeout,
        attempts: spec.attempts,
    };
    let mut open = program.entry.open(DnsExchange {
        query: spec.query.clone(),
        started: program.now(),
        took: None,
        attempts: 0,
        answers: Vec::new(),
        error: None,
    });
    program.started(format!("DNS question: {} A", spec.query));
    let lookup = resolver.lookup(&program.host, &spec.query).await;
    open.update(|e| e.attempts = lookup.attempts);
    match lookup.result {
        Ok(answers) => {
            program.finished(format!(
                "{} is {} in {}",
                spec.query,
                list(&answers),
                lookup.took
            ));
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

fn list(addresses: &[IpAddr]) -> String {
    let texts: Vec<String> = addresses.iter().map(ToString::to_string).collect();
    texts.join(", ")
}
