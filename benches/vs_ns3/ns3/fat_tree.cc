// E: a fat tree of switches with k ports: k^3/4 hosts, each sends 1000 bytes of UDP each 80 us to
// the host half the network away, from a random phase on. Links of 1 Gbit/s and 10 us, queues of
// 100 packets; six hops for each packet.
//
// The one way up: edge e takes aggregation e, aggregation a takes its first core. No link is
// loaded over 42 %.
#include "traffic.h"

int main(int argc, char** argv)
{
    Options options;
    options.seconds = 1;
    uint32_t k = 4;
    CommandLine line;
    options.Add(line);
    line.AddValue("k", "ports of a switch", k);
    line.Parse(argc, argv);
    options.Apply();

    uint32_t half = k / 2, count = k * half * half;
    Network network;
    NodeContainer cores, aggs, edges, hosts;
    cores.Create(half * half);
    aggs.Create(k * half);
    edges.Create(k * half);
    hosts.Create(count);
    Stack(NodeContainer(cores, aggs, edges, hosts));
    auto wire = Wire("1Gbps", MicroSeconds(10), "100p");
    std::vector<uint32_t> address(count);
    for (uint32_t pod = 0; pod < k; pod++)
        for (uint32_t e = 0; e < half; e++)
        {
            Ptr<Node> edge = edges.Get(pod * half + e);
            for (uint32_t h = 0; h < half; h++) // hosts: 10.pod.e.4h/30
            {
                uint32_t i = (pod * half + e) * half + h, base = Ip(10, pod, e, 4 * h);
                auto link = network.Link(wire, hosts.Get(i), edge, base);
                address[i] = base + 1;
                DefaultVia(hosts.Get(i), base + 2, link.first);
            }
            for (uint32_t a = 0; a < half; a++)
            {
                uint32_t base = Ip(11, pod, e, 4 * a);
                Ptr<Node> agg = aggs.Get(pod * half + a);
                auto link = network.Link(wire, edge, agg, base);
                if (a == e)
                    DefaultVia(edge, base + 2, link.first);
                RouteVia(agg, Ip(10, pod, e, 0), "/24", base + 1, link.second);
            }
        }
    for (uint32_t pod = 0; pod < k; pod++)
        for (uint32_t a = 0; a < half; a++)
            for (uint32_t c = 0; c < half; c++)
            {
                Ptr<Node> agg = aggs.Get(pod * half + a), core = cores.Get(a * half + c);
                uint32_t base = Ip(12, pod, a, 4 * c);
                auto link = network.Link(wire, agg, core, base);
                if (c == 0)
                    DefaultVia(agg, base + 2, link.first);
                RouteVia(core, Ip(10, pod, 0, 0), "/16", base + 1, link.second);
            }
    UdpCount sink;
    Ptr<UniformRandomVariable> random = CreateObject<UniformRandomVariable>();
    Time interval = MicroSeconds(80);
    for (uint32_t i = 0; i < count; i++)
    {
        sink.Install(hosts.Get(i), 9);
        Time start = Seconds(random->GetValue(0, interval.GetSeconds()));
        Stream(hosts.Get(i), address[(i + count / 2) % count], interval, start, Seconds(options.seconds));
    }

    Meter meter;
    meter.Run(options.seconds + 0.1);
    meter.Print(sink.packets, network.Hops(), network.Drops());
    Simulator::Destroy();
}
