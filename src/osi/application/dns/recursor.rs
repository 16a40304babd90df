//! A recursive resolver: it asks from the root downwards until somebody knows, and remembers what it
//! hears (RFC 1034, section 5.3.3).
//!
//! Each step asks the servers of a zone one after the other and goes round again with twice the
//! patience when none answers. A reply leads to the records, to an alias, to the servers of a lower
//! zone, or to the certainty that there is nothing. Records from outside the zone asked are not
//! believed. Not here: DNSSEC, query name minimisation, choice of servers by round-trip time, sharing
//! of questions that are under way.

use std::{
    future::Future,
    net::{IpAddr, SocketAddr},
    pin::Pin,
    sync::{Mutex, MutexGuard, PoisonError},
};

use super::{
    authority::LONGEST_CHAIN,
    cache::{Cache, Known},
    reply::{MOST_OVER_UDP, Reply},
};
use crate::{
    osi::session::{
        Answer, Inquiry, Record, RecordData, RecordType, ResponseCode, canonical, is_within,
    },
    task::Host,
    units::Span,
};

/// The resolver of one server.
#[derive(Debug)]
pub(super) struct Recursor {
    host: Host,
    roots: Vec<IpAddr>,
    cache: Mutex<Cache>,
}

/// A zone on the way down and the addresses of its servers.
#[derive(Debug)]
struct Cut {
    zone: String,
    servers: Vec<IpAddr>,
}

/// How much a client's question may still cost.
#[derive(Debug)]
struct Budget {
    questions: u32,
    depth: u32,
}

/// What a reply of some server comes to.
enum Step {
    Known(Known),
    /// Ask these, by name.
    Down(String, Vec<String>),
    /// The server does not know what it should.
    Lame,
}

type Boxed<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

impl Recursor {
    /// A resolver on `host` that begins at the servers with the addresses `roots`.
    pub(super) fn new(host: Host, roots: Vec<IpAddr>) -> Self {
        Self {
            host,
            roots,
            cache: Mutex::default(),
        }
    }

    /// The answer to a client's question.
    pub(super) async fn resolve(&self, name: &str, record: RecordType) -> Reply {
        let mut budget = Budget {
            questions: MOST_QUESTIONS,
            depth: 0,
        };
        self.follow(canonical(name), record, &mut budget).await
    }

    /// Follows aliases until there is an answer.
    fn follow<'a>(
        &'a self,
        mut name: String,
        record: RecordType,
        budget: &'a mut Budget,
    ) -> Boxed<'a, Reply> {
        Box::pin(async move {
            let mut reply = Reply::default();
            for _ in 0..LONGEST_CHAIN {
                let known = self.cache().get(&name, record, self.host.now());
                let known = match known {
                    Some(known) => Some(known),
                    None => self.descend(&name, record, budget).await,
                };
                match known {
                    Some(Known::Records(records)) => {
                        reply.answers.extend(records);
                        return reply;
                    }
                    Some(Known::Alias(alias, target)) => {
                        reply.answers.push(alias);
                        name = target;
                    }
                    Some(Known::Nothing(code, soa)) => {
                        reply.code = code;
                        reply.authority.extend(soa);
                        return reply;
                    }
                    None => break,
                }
            }
            Reply::failure(ResponseCode::ServFail)
        })
    }

    /// Asks from the nearest known zone downwards; `None` if nobody there knows.
    async fn descend(&self, name: &str, record: RecordType, budget: &mut Budget) -> Option<Known> {
        let mut cut = self.nearest(name, budget).await;
        for _ in 0..MOST_REFERRALS {
            match self.ask(&cut, name, record, budget).await? {
                Step::Known(known) => return Some(known),
                Step::Down(zone, servers) => {
                    let servers = self.addresses(&servers, budget).await;
                    cut = Cut { zone, servers };
                }
                Step::Lame => return None,
            }
        }
        None
    }

    /// The nearest zone above `name` with servers that can be reached.
    async fn nearest(&self, name: &str, budget: &mut Budget) -> Cut {
        let known = self.cache().nearest_servers(name, self.host.now());
        if let Some((zone, names)) = known {
            let servers = self.addresses(&names, budget).await;
            if !servers.is_empty() {
                return Cut { zone, servers };
            }
        }
        Cut {
            zone: String::new(),
            servers: self.roots.clone(),
        }
    }

    /// The addresses of servers: those that are known, or those of the first that can be found.
    async fn addresses(&self, names: &[String], budget: &mut Budget) -> Vec<IpAddr> {
        let now = self.host.now();
        let known = names.iter().flat_map(|name| self.cache().server(name, now));
        let known: Vec<Record> = known.collect();
        let mut found = addresses(&known);
        for name in names {
            if !found.is_empty() || budget.depth >= DEEPEST {
                break;
            }
            budget.depth += 1;
            let reply = self.follow(name.clone(), RecordType::A, budget).await;
            budget.depth -= 1;
            found = addresses(&reply.answers);
        }
        found
    }

    /// Asks the servers of a zone, round after round, until one says something useful.
    async fn ask(
        &self,
        cut: &Cut,
        name: &str,
        record: RecordType,
        budget: &mut Budget,
    ) -> Option<Step> {
        let mut timeout = FIRST_TIMEOUT;
        for _ in 0..ROUNDS {
            for server in &cut.servers {
                budget.questions = budget.questions.checked_sub(1)?;
                let inquiry = Inquiry {
                    server: SocketAddr::new(*server, 53),
                    name,
                    record,
                    recursion: false,
                    edns: Some(MOST_OVER_UDP),
                    timeout,
                    attempts: 1,
                };
                if let Ok(answer) = inquiry.ask(&self.host).await.result {
                    match self.learn(cut, name, record, &answer) {
                        Step::Lame => {}
                        step => return Some(step),
                    }
                }
            }
            timeout = timeout + timeout;
        }
        None
    }

    /// Takes a server's reply apart, and keeps what is in it.
    fn learn(&self, cut: &Cut, name: &str, record: RecordType, answer: &Answer) -> Step {
        let now = self.host.now();
        if !matches!(answer.code, ResponseCode::NoError | ResponseCode::NxDomain) {
            return Step::Lame;
        }
        let believed = |records: &[Record]| -> Vec<Record> {
            let inside = records.iter().filter(|r| is_within(&r.name, &cut.zone));
            inside.cloned().collect()
        };
        let answers = believed(&answer.answers);
        self.cache().keep(&answers, now);
        if let Some(known) = own_records(&answers, name, record) {
            return Step::Known(known);
        }
        let authority = believed(&answer.authority);
        let soa = authority.iter().find(|r| r.kind() == RecordType::Soa);
        if answer.code == ResponseCode::NxDomain || soa.is_some() {
            let missing = (answer.code != ResponseCode::NxDomain).then_some(record);
            if let Some(soa) = soa {
                self.cache().keep_nothing(name, missing, soa, now);
            }
            return Step::Known(Known::Nothing(answer.code, soa.cloned()));
        }
        self.referral(cut, name, &authority, &believed(&answer.additional))
    }

    /// Where a referral leads: to a zone below the one asked, and above or at the name.
    fn referral(&self, cut: &Cut, name: &str, authority: &[Record], glue: &[Record]) -> Step {
        let leads = |r: &&Record| {
            r.kind() == RecordType::Ns && r.name.len() > cut.zone.len() && is_within(name, &r.name)
        };
        let servers: Vec<Record> = authority.iter().filter(leads).cloned().collect();
        let Some(zone) = servers.first().map(|r| r.name.clone()) else {
            return Step::Lame;
        };
        let targets = servers.iter().filter_map(|r| r.data.target());
        let names: Vec<String> = targets.map(str::to_owned).collect();
        let glue: Vec<Record> = glue
            .iter()
            .filter(|r| names.contains(&r.name))
            .cloned()
            .collect();
        let now = self.host.now();
        let mut cache = self.cache();
        cache.keep(&servers, now);
        cache.keep_glue(&glue, now);
        Step::Down(zone, names)
    }

    fn cache(&self) -> MutexGuard<'_, Cache> {
        self.cache.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The records that answer the question, or the alias that the name is.
fn own_records(answers: &[Record], name: &str, record: RecordType) -> Option<Known> {
    let own = |kind: RecordType| {
        let own = answers.iter().filter(move |r| r.name == name);
        own.filter(move |r| r.kind() == kind)
    };
    let records: Vec<Record> = own(record).cloned().collect();
    if !records.is_empty() {
        return Some(Known::Records(records));
    }
    let alias = own(RecordType::Cname).next()?;
    match &alias.data {
        RecordData::Cname(target) => Some(Known::Alias(alias.clone(), target.clone())),
        _ => None,
    }
}

fn addresses(records: &[Record]) -> Vec<IpAddr> {
    let addresses = records.iter().filter_map(|r| match r.data {
        RecordData::A(address) => Some(address.into()),
        _ => None,
    });
    addresses.collect()
}

/// How long to wait for a server the first time; then twice as long, and again.
const FIRST_TIMEOUT: Span = Span::from_millis(800);
const ROUNDS: u32 = 3;
/// What one question of a client may cost, so that zones that point at each other cannot keep a
/// resolver busy for ever.
const MOST_QUESTIONS: u32 = 64;
const MOST_REFERRALS: u32 = 16;
/// How deep the search for addresses of servers may nest.
const DEEPEST: u32 = 4;
