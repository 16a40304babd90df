//! A plan come to life.

use std::path::PathBuf;

use super::{
    SimError, Threads,
    output::{OutputFolder, failed},
    pictures::Sources,
    qlog::Qlogs,
    tcp_log::{TCP_FILE, TcpLog},
};
use crate::{
    capture::CaptureSet,
    diagram::{Series, Theme, ladder::Ladder},
    engine::{Partition, RunControl, RunError, RunResult, World, WorldSetup},
    osi::application::{AppEnv, Reports, start_dhcp_client, start_server, start_traffic},
    report::{OutputFile, RunFacts, SUMMARY_FILE, Summary, mail_file},
    scenario::plan::Plan,
    task::Host,
    trace::{NoRecorder, Recorder, Story, Tee},
};

/// A world with its programs, ready to run once.
#[derive(Debug)]
pub struct Simulation {
    plan: Plan,
    world: World,
    reports: Reports,
}

/// What a run is to leave behind.
///
/// # Defaults
/// Nothing is written.
#[derive(Debug, Clone, Default)]
pub struct RunOptions {
    /// The folder for captures, pictures and `summary.json`; `None` writes nothing.
    pub out: Option<PathBuf>,
    /// Draw pictures.
    pub diagrams: bool,
    /// Their ground: dark, or light for print.
    pub theme: Theme,
}

/// What came of a run.
#[derive(Debug)]
pub struct Outcome {
    /// Every number.
    pub summary: Summary,
    /// The ladder of the whole run, if pictures were drawn and there is anything to show.
    pub ladder: Option<Ladder>,
}

impl Simulation {
    /// Builds the world of `plan` and starts its servers and traffic at time zero. It will run on
    /// the calling thread.
    pub fn new(plan: Plan) -> Self {
        Self::on_threads(plan, Threads::One)
    }

    /// The same, to run on several threads. The bytes are the same, as long as programs of one's
    /// own on different hosts reach each other by the network alone.
    pub fn on_threads(plan: Plan, threads: Threads) -> Self {
        let setup = WorldSetup {
            topology: &plan.topology,
            routes: &plan.routes,
            hosts: &plan.hosts,
            seed: plan.seed,
            mac_ageing: plan.mac_ageing,
        };
        let world = World::divided(setup, threads.divide(&plan));
        let reports = Reports::new(&plan.traffic);
        let simulation = Self {
            plan,
            world,
            reports,
        };
        simulation.start_programs();
        simulation
    }

    /// The plan.
    pub const fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Which node runs on which thread.
    pub const fn partition(&self) -> &Partition {
        self.world.partition()
    }

    /// The host or router called `name`, to start a program on.
    pub fn host(&self, name: &str) -> Option<Host> {
        let node = self.plan.topology.find(name)?;
        self.world.host(node).cloned()
    }

    /// Runs to the end and writes what `options` ask for.
    ///
    /// # Errors
    /// [`SimError`] if the run fails or a file cannot be written.
    pub fn run(mut self, options: &RunOptions, control: &RunControl) -> Result<Outcome, SimError> {
        let Some(out) = &options.out else {
            let run = self.run_quietly(control, &mut NoRecorder)?;
            return Ok(self.outcome(run, None, Vec::new()));
        };
        let mut folder = OutputFolder::open(out)?;
        if options.diagrams || self.plan.trace.tcp {
            self.trace_tcp();
        }
        let (run, ladder) = if options.diagrams {
            self.run_with_pictures(options.theme, &mut folder, control)?
        } else {
            (self.run_with_log(&mut folder, control, None)?, None)
        };
        self.write_mail(&mut folder)?;
        let outcome = self.outcome(run, ladder, folder.files().to_vec());
        let summary = &outcome.summary;
        summary
            .write(folder.path())
            .map_err(|e| failed(&folder.path().join(SUMMARY_FILE), e))?;
        folder.remove_stale();
        Ok(outcome)
    }

    fn run_with_pictures(
        &mut self,
        theme: Theme,
        folder: &mut OutputFolder,
        control: &RunControl,
    ) -> Result<(RunResult, Option<Ladder>), SimError> {
        let mut story = Story::with_limit(STORY_LIMIT);
        let mut series = Series::new(&self.plan.topology);
        let mut listeners = Tee(vec![&mut story, &mut series]);
        let run = self.run_with_log(folder, control, Some(&mut listeners))?;
        let sources = Sources {
            plan: &self.plan,
            story: &story,
            series: &series,
        };
        Ok((run, sources.draw(theme, folder)?))
    }

    /// The native TCP of every host tells of its values from now on.
    fn trace_tcp(&self) {
        let hosts = self.plan.topology.node_ids();
        for host in hosts.filter_map(|node| self.world.host(node)) {
            host.stack().lock().trace_tcp();
        }
    }

    /// Writes `tcp.jsonl` if the plan asks for it.
    fn run_with_log(
        &mut self,
        folder: &mut OutputFolder,
        control: &RunControl,
        other: Option<&mut dyn Recorder>,
    ) -> Result<RunResult, SimError> {
        if !self.plan.trace.tcp {
            return self.run_with_qlogs(folder, control, other);
        }
        let mut log = TcpLog::new(&self.plan.topology, folder.begin(TCP_FILE)?);
        let mut listeners = match other {
            Some(other) => Tee(vec![&mut log, other]),
            None => Tee(vec![&mut log]),
        };
        let run = self.run_with_qlogs(folder, control, Some(&mut listeners))?;
        folder.finish(log.finish(), TCP_FILE, "what went on inside TCP senders")?;
        Ok(run)
    }

    /// Writes the logs of QUIC connections if the plan asks for them.
    fn run_with_qlogs(
        &mut self,
        folder: &mut OutputFolder,
        control: &RunControl,
        other: Option<&mut dyn Recorder>,
    ) -> Result<RunResult, SimError> {
        if !self.plan.trace.qlog {
            return self.run_with_captures(folder, control, other);
        }
        let mut logs = Qlogs::new(&self.plan.topology, folder.path());
        let mut listeners = match other {
            Some(other) => Tee(vec![&mut logs, other]),
            None => Tee(vec![&mut logs]),
        };
        let run = self.run_with_captures(folder, control, Some(&mut listeners))?;
        for (name, file) in logs.finish()? {
            folder.finish(file, &name, "what one end of a QUIC connection saw and did")?;
        }
        Ok(run)
    }

    /// A run that nobody listens to gets [`NoRecorder`]: it costs nothing.
    fn run_with_captures(
        &mut self,
        folder: &mut OutputFolder,
        control: &RunControl,
        other: Option<&mut dyn Recorder>,
    ) -> Result<RunResult, SimError> {
        let plan = &self.plan;
        if plan.capture.is_empty() {
            return Ok(match other {
                Some(other) => self.run_quietly(control, other)?,
                None => self.run_quietly(control, &mut NoRecorder)?,
            });
        }
        let mut captures =
            CaptureSet::create(folder.path(), &plan.topology, &plan.capture, plan.epoch)
                .map_err(SimError::Capture)?;
        let run = match other {
            Some(other) => self.run_quietly(control, &mut Tee(vec![&mut captures, other]))?,
            None => self.run_quietly(control, &mut captures)?,
        };
        for path in captures.finish().map_err(SimError::Capture)? {
            folder.note_capture(&path);
        }
        Ok(run)
    }

    /// Runs to the end, tells `recorder` everything, and writes nothing.
    ///
    /// # Errors
    /// [`RunError`] if the recorder fails or a node does not come to rest.
    pub fn run_quietly<R: Recorder + ?Sized>(
        &mut self,
        control: &RunControl,
        recorder: &mut R,
    ) -> Result<RunResult, RunError> {
        self.world.run(self.plan.stop, control, recorder)
    }

    /// What came of the traffic so far.
    pub const fn reports(&self) -> &Reports {
        &self.reports
    }

    /// Writes every message that lies in a mailbox.
    fn write_mail(&self, folder: &mut OutputFolder) -> Result<(), SimError> {
        for mailbox in self.reports.mailboxes() {
            let node = &self.plan.topology.node(mailbox.node).name;
            for (number, mail) in (1..).zip(mailbox.mail.iter()) {
                let name = mail_file(node, &mailbox.name, number);
                folder.write(&name, "a message in a mailbox", &mail.bytes)?;
            }
        }
        Ok(())
    }

    /// The world goes first: a large one leaves room for what follows.
    fn outcome(self, run: RunResult, ladder: Option<Ladder>, files: Vec<OutputFile>) -> Outcome {
        drop(self.world);
        let facts = RunFacts {
            run,
            traffic: self.reports.collect(),
            mailboxes: self.reports.mailboxes(),
            leases: self.reports.leases(),
            files,
        };
        Outcome {
            summary: Summary::new(self.plan, facts),
            ladder,
        }
    }

    fn start_programs(&self) {
        let plan = &self.plan;
        let dns = plan.dns_server.map(|id| plan.topology.node(id));
        let env = AppEnv {
            epoch: plan.epoch,
            seed: plan.seed,
            dns_server: dns.and_then(|node| node.primary_address()),
        };
        let mut servers: Vec<_> = plan.servers.iter().collect();
        servers.sort_by_key(|server| server.on);
        for server in servers {
            if let Some(host) = self.world.host(server.on) {
                start_server(host, server, env, &self.reports);
            }
        }
        for &(client, spec) in &plan.dhcp_clients {
            let mac = plan
                .topology
                .node(client)
                .ports
                .first()
                .map(|port| port.mac);
            if let (Some(host), Some(mac)) = (self.world.host(client), mac) {
                start_dhcp_client(host, mac, spec, &self.reports);
            }
        }
        for (id, traffic) in (0..).map(crate::ids::TrafficId).zip(&plan.traffic) {
            if let Some(host) = self.world.host(traffic.from) {
                start_traffic(host, id, traffic, env, &self.reports);
            }
        }
    }
}

/// How many frames the pictures can tell of; the captures hold all of them.
const STORY_LIMIT: usize = 20_000;
