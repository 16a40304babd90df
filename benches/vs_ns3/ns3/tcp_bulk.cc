// B: sender, router, receiver; one bulk TCP flow. Access 1 Gbit/s, 1 ms; bottleneck 100 Mbit/s,
// 10 ms, a drop-tail queue of 100 packets.
// D: the same with random loss towards the receiver; access 10 us, bottleneck 10 Mbit/s, 20 ms.
#include "traffic.h"

int main(int argc, char** argv)
{
    Options options;
    options.seconds = 60;
    Tcp tcp;
    std::string rate = "100Mbps", access = "1ms", delay = "10ms";
    double loss = 0;
    CommandLine line;
    options.Add(line);
    tcp.Add(line);
    line.AddValue("rate", "of the bottleneck", rate);
    line.AddValue("access", "one-way delay of the access link", access);
    line.AddValue("delay", "one-way delay of the bottleneck", delay);
    line.AddValue("loss", "probability that a packet for the receiver is lost", loss);
    line.Parse(argc, argv);
    options.Apply();
    tcp.Apply();

    Network network;
    NodeContainer nodes;
    nodes.Create(3);
    Stack(nodes);
    auto near = Wire("1Gbps", Time(access), "10000p");
    auto far = Wire(rate, Time(delay), "100p");
    auto left = network.Link(near, nodes.Get(0), nodes.Get(1), Ip(10, 0, 0, 0));
    auto right = network.Link(far, nodes.Get(1), nodes.Get(2), Ip(10, 0, 1, 0));
    DefaultVia(nodes.Get(0), Ip(10, 0, 0, 2), left.first);
    DefaultVia(nodes.Get(2), Ip(10, 0, 1, 1), right.second);
    if (loss > 0)
    {
        Ptr<RateErrorModel> errors = CreateObject<RateErrorModel>();
        errors->SetAttribute("ErrorUnit", EnumValue(RateErrorModel::ERROR_UNIT_PACKET));
        errors->SetAttribute("ErrorRate", DoubleValue(loss));
        network.devices[3]->SetReceiveErrorModel(errors); // the receiver's
    }
    auto sink = tcp.Sink(nodes.Get(2));
    tcp.Bulk(nodes.Get(0), Ip(10, 0, 1, 2), Seconds(0), Seconds(options.seconds));

    Meter meter;
    meter.Run(options.seconds);
    uint64_t bytes = sink->GetTotalRx();
    meter.Print(bytes / Tcp::SEGMENT, network.Hops(), network.Drops(), bytes * 8 / options.seconds / 1e6);
    Simulator::Destroy();
}
