//! Several applications at once.

use std::sync::Arc;

use super::*;

#[test]
fn the_same_seed_gives_the_same_story_and_another_seed_does_not() {
    let run = |seed| {
        let lab = Lab::cable();
        let server = zone(&lab);
        let mut lab = lab
            .serve(server)
            .serve(site(vec![]))
            .serve(ServerApp::Udp { port: 5004 })
            .go(stream(50))
            .go(App::Http(http(vec![request("GET", "/", Body::Empty)])))
            .go(question("bob"))
            .go(ping(5, 64));
        Arc::make_mut(&mut lab.topology.links[0].profiles[0]).loss = "5%".parse().unwrap();
        lab.seed = seed;
        lab.run().fingerprint()
    };
    assert_eq!(run(1), run(1));
    assert_ne!(run(1), run(2));
}
