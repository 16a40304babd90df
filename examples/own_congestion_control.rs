//! A congestion control of one's own, in a race against CUBIC through one bottleneck.
//!
//! `Drain` grows like Reno. At a loss it keeps the share of its window that the empty path holds,
//! least round trip over smoothed round trip, so that the queue just runs empty. Its captures, its
//! plots and CUBIC's lie in `captures/own_congestion_control/` afterwards: see `tcp-window.svg`.

#![allow(clippy::print_stdout, reason = "an example prints what happens")]

use std::error::Error;

use netsim::{
    osi::transport::congestion::{AckEvent, CongestionControl, Factory, LossEvent},
    report::AppSummary,
    scenario::load_str,
    sim::{RunOptions, Simulation},
    units::Span,
};

/// All windows are in bytes.
#[derive(Debug)]
struct Drain {
    window: u64,
    ssthresh: u64,
    least_rtt: Option<Span>,
    smoothed_rtt: Option<Span>,
}

impl Drain {
    fn new(mss: u64) -> Self {
        Self {
            window: 10 * mss,
            ssthresh: u64::MAX,
            least_rtt: None,
            smoothed_rtt: None,
        }
    }
}

impl CongestionControl for Drain {
    fn name(&self) -> &'static str {
        "drain"
    }

    fn window(&self) -> u64 {
        self.window
    }

    fn ssthresh(&self) -> u64 {
        self.ssthresh
    }

    fn on_ack(&mut self, ack: &AckEvent) {
        (self.least_rtt, self.smoothed_rtt) = (ack.min_rtt, ack.srtt);
        let bytes = ack.growth(self.window, self.ssthresh);
        self.window += if self.window < self.ssthresh {
            bytes
        } else {
            ack.mss * bytes / self.window
        };
    }

    fn on_loss(&mut self, loss: &LossEvent) {
        let rtts = self.least_rtt.zip(self.smoothed_rtt);
        let (least, smoothed) = rtts.map_or((1, 2), |(a, b)| (a.as_nanos(), b.as_nanos()));
        let kept = u128::from(self.window) * u128::from(least) / u128::from(smoothed.max(1));
        let kept = u64::try_from(kept).unwrap_or(self.window);
        self.ssthresh = kept.clamp(2 * loss.mss, self.window.max(2 * loss.mss));
        self.window = self.ssthresh;
    }

    fn on_timeout(&mut self, loss: &LossEvent) {
        self.on_loss(loss);
        self.window = loss.mss;
    }
}

const NETWORK: &str = r#"
    title = "Drain against CUBIC"
    [defaults.host.tcp]
    stack = "native"
    [generate]
    kind = "dumbbell"
    left = 2
    bottleneck = { rate = "10 Mbit/s", latency = "20ms", queue = "60 packets" }
    [[traffic]]
    name = "drain"
    app = "tcp"
    from = "h0"
    to = "h2"
    duration = "15s"
    [[traffic]]
    name = "cubic"
    app = "tcp"
    from = "h1"
    to = "h3"
    duration = "15s"
"#;

fn main() -> Result<(), Box<dyn Error>> {
    let mut plan = load_str("own_congestion_control", NETWORK, &[])?;
    let host = plan.host_mut("h0").ok_or("no such host")?;
    host.tcp_mut().own_congestion = Some(Factory::new(|mss, _random| Drain::new(mss)));
    let options = RunOptions {
        out: Some("captures/own_congestion_control".into()),
        diagrams: true,
        ..RunOptions::default()
    };
    let summary = Simulation::new(plan)
        .run(&options, &Default::default())?
        .summary;
    for transfer in summary.traffic() {
        if let AppSummary::Tcp(connections) = &transfer.result {
            let rate = connections[0].goodput_bits_per_second.unwrap_or(0);
            println!("{}: {} kbit/s", transfer.name, rate / 1000);
        }
    }
    for shared in summary.fairness() {
        println!("Jain's index: {} %", shared.jain_index_percent);
    }
    Ok(())
}
