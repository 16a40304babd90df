// A: source, four routers, sink. Five links of 1 Gbit/s and 1 ms, queues of 100 packets; 1000
// bytes of UDP each 10 us, which is 800 Mbit/s of payload.
#include "traffic.h"

int main(int argc, char** argv)
{
    Options options;
    options.seconds = 2;
    uint32_t routers = 4;
    CommandLine line;
    options.Add(line);
    line.AddValue("routers", "between source and sink", routers);
    line.Parse(argc, argv);
    options.Apply();

    Network network;
    NodeContainer nodes;
    nodes.Create(routers + 2);
    Stack(nodes);
    auto wire = Wire("1Gbps", MilliSeconds(1), "100p");
    for (uint32_t i = 0; i <= routers; i++)
    {
        auto [near, far] = network.Link(wire, nodes.Get(i), nodes.Get(i + 1), Ip(10, 0, i, 0));
        DefaultVia(nodes.Get(i), Ip(10, 0, i, 2), near); // traffic flows one way only
    }
    UdpCount sink;
    sink.Install(nodes.Get(routers + 1), 9);
    Stream(nodes.Get(0), Ip(10, 0, routers, 2), MicroSeconds(10), Seconds(0), Seconds(options.seconds));
    if (!options.pcap.empty())
        wire.EnablePcapAll(options.pcap);

    Meter meter;
    meter.Run(options.seconds + 0.1);
    meter.Print(sink.packets, network.Hops(), network.Drops());
    Simulator::Destroy();
}
