//! How TCP transfers share their bottlenecks, in the summary.

use netsim::{
    engine::RunControl,
    scenario,
    sim::{RunOptions, Simulation},
};

#[test]
fn transfers_are_told_together_at_the_wire_that_they_share() {
    // h0 and h1 send through the bottleneck of a dumbbell to h2 and h3. The way back, which a
    // download takes, is not shared.
    let text = r#"
        [generate]
        kind = "dumbbell"
        left = 2
        [generate.bottleneck]
        rate = "5 Mbit/s"
        [[traffic]]
        app = "tcp"
        from = "h0"
        to = "h2"
        bytes = "50 kB"
        [[traffic]]
        app = "tcp"
        from = "h1"
        to = "h3"
        bytes = "50 kB"
        [[traffic]]
        app = "tcp"
        from = "h0"
        to = "h2"
        bytes = "50 kB"
        direction = "download"
    "#;
    let plan = scenario::load_str("test", text, &[]).unwrap();
    let run = Simulation::new(plan).run(&RunOptions::default(), &RunControl::default());
    let summary = run.unwrap().summary;
    let rows = summary.fairness();
    assert_eq!(rows.len(), 1);
    assert_eq!((rows[0].link.as_str(), rows[0].flows), ("bottleneck", 2));
    assert_eq!(rows[0].direction, "forward");
    assert!(rows[0].jain_index_percent > 50.0);
}
