// C: 100 senders, each on 1 Gbit/s and 1 ms; a bottleneck of 1 Gbit/s, 20 ms and a drop-tail queue
// of 1000 packets; 100 receivers like the senders. One bulk TCP flow each, started at random
// within the first 100 ms.
#include "traffic.h"

int main(int argc, char** argv)
{
    Options options;
    Tcp tcp;
    uint32_t pairs = 100;
    CommandLine line;
    options.Add(line);
    tcp.Add(line);
    line.AddValue("pairs", "senders, and receivers", pairs);
    line.Parse(argc, argv);
    options.Apply();
    tcp.Apply();

    Network network;
    NodeContainer routers, senders, receivers;
    routers.Create(2);
    senders.Create(pairs);
    receivers.Create(pairs);
    Stack(NodeContainer(routers, senders, receivers));
    Ptr<Node> left = routers.Get(0), right = routers.Get(1);
    auto access = Wire("1Gbps", MilliSeconds(1), "10000p");
    auto bottleneck = Wire("1Gbps", MilliSeconds(20), "1000p");
    auto middle = network.Link(bottleneck, left, right, Ip(10, 0, 0, 0));
    DefaultVia(left, Ip(10, 0, 0, 2), middle.first);
    DefaultVia(right, Ip(10, 0, 0, 1), middle.second);
    Ptr<UniformRandomVariable> random = CreateObject<UniformRandomVariable>();
    std::vector<Ptr<PacketSink>> sinks;
    for (uint32_t i = 0; i < pairs; i++)
    {
        uint32_t here = Ip(10, 1, 0, 0) + 4 * i, there = Ip(10, 2, 0, 0) + 4 * i;
        auto l = network.Link(access, senders.Get(i), left, here);
        auto r = network.Link(access, receivers.Get(i), right, there);
        DefaultVia(senders.Get(i), here + 2, l.first);
        DefaultVia(receivers.Get(i), there + 2, r.first);
        sinks.push_back(tcp.Sink(receivers.Get(i)));
        tcp.Bulk(senders.Get(i), there + 1, Seconds(random->GetValue(0, 0.1)), Seconds(options.seconds));
    }

    Meter meter;
    meter.Run(options.seconds);
    uint64_t bytes = 0;
    for (auto& sink : sinks)
        bytes += sink->GetTotalRx();
    meter.Print(bytes / Tcp::SEGMENT, network.Hops(), network.Drops(), bytes * 8 / options.seconds / 1e6);
    Simulator::Destroy();
}
