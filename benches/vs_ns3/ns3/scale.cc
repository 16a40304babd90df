// F: many hosts that do little: each sends 10 UDP packets of 1000 bytes, 10 ms apart, from a random
// phase on. Links of 1 Gbit/s and 10 us, queues of 100 packets.
// star: every host to the hub that it hangs on. tree: a root, a router for each 100 hosts, host i
// to host i + 1.
#include "traffic.h"

int main(int argc, char** argv)
{
    Options options;
    options.seconds = 1;
    uint32_t count = 1000;
    const uint32_t fan = 100;
    std::string shape = "tree";
    CommandLine line;
    options.Add(line);
    line.AddValue("hosts", "how many", count);
    line.AddValue("shape", "star | tree", shape);
    line.Parse(argc, argv);
    options.Apply();

    bool star = shape == "star";
    uint32_t routers = star ? 1 : (count + fan - 1) / fan;
    Network network;
    NodeContainer hosts, edges, root;
    hosts.Create(count);
    edges.Create(routers);
    root.Create(star ? 0 : 1);
    Stack(NodeContainer(hosts, edges, root));
    auto wire = Wire("1Gbps", MicroSeconds(10), "100p");
    std::vector<uint32_t> address(count), gateway(count);
    for (uint32_t i = 0; i < count; i++) // edge e serves 10.0.0.0 + 512 e, a /23
    {
        uint32_t e = star ? 0 : i / fan;
        uint32_t base = Ip(10, 0, 0, 0) + (star ? 4 * i : 512 * e + 4 * (i % fan));
        auto link = network.Link(wire, hosts.Get(i), edges.Get(e), base);
        address[i] = base + 1;
        gateway[i] = base + 2;
        DefaultVia(hosts.Get(i), base + 2, link.first);
    }
    for (uint32_t e = 0; !star && e < routers; e++)
    {
        uint32_t base = Ip(11, 0, 0, 0) + 4 * e;
        auto link = network.Link(wire, edges.Get(e), root.Get(0), base);
        DefaultVia(edges.Get(e), base + 2, link.first);
        RouteVia(root.Get(0), Ip(10, 0, 0, 0) + 512 * e, "/23", base + 1, link.second);
    }
    UdpCount sink;
    if (star)
        sink.Install(edges.Get(0), 9);
    Ptr<UniformRandomVariable> random = CreateObject<UniformRandomVariable>();
    for (uint32_t i = 0; i < count; i++)
    {
        if (!star)
            sink.Install(hosts.Get(i), 9);
        uint32_t to = star ? gateway[i] : address[(i + 1) % count];
        Time start = Seconds(random->GetValue(0, 0.01));
        Stream(hosts.Get(i), to, MilliSeconds(10), start, Seconds(options.seconds), 10);
    }

    Meter meter;
    meter.Run(options.seconds + 0.1);
    meter.Print(sink.packets, network.Hops(), network.Drops());
    Simulator::Destroy();
}
